//! A condition of a policy, in CEL, over the few facts that a policy may ask of. It knows no lineage, and
//! what a condition may cost is bounded when it is read.

#[cfg(test)]
mod properties;
mod simple;

use cel::{Context, Env, Program, Value};
use serde::Deserialize;
use simple::Simple;
use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

/// The longest condition that is read. With [`is_deep`] this bounds what one may cost, in time and in stack, for
/// no fact is a list of more than [`MOST_ITEMS`].
const LONGEST: usize = 1_000;
/// How deep brackets may nest, and how many signs of arithmetic, negation and choice there may be: each may nest the
/// next in the reading and in the asking.
const DEEPEST: (usize, usize) = (12, 24);
/// How many words that run through a list (`all`, `exists`, `map`, `filter`) a condition may have.
const MOST_LOOPS: usize = 2;
/// The most items of a list, and the most attributes, that a condition is shown.
const MOST_ITEMS: usize = 64;
/// The most characters of a text that a condition is shown.
const LONGEST_TEXT: usize = 4_096;

/// What a condition may speak of, as the policy file's comment lists it.
const NAMES: [&str; 12] = [
    "id",
    "kind",
    "name",
    "version",
    "owner",
    "risk",
    "risks",
    "environments",
    "described",
    "in_use",
    "age_days",
    "attributes",
];

/// What is known of the artefact that is judged.
#[derive(Debug, Clone, Default)]
pub struct Facts<'a> {
    /// Its id.
    pub id: &'a str,
    /// Its kind.
    pub kind: &'a str,
    /// Its name without version.
    pub name: &'a str,
    /// Its version; empty where it has none.
    pub version: &'a str,
    /// Who answers for it; empty where nobody is named.
    pub owner: &'a str,
    /// Its risk classes: its own, else those of where it is in use.
    pub risks: &'a [&'a str],
    /// Where it is in use, and what it states itself.
    pub environments: &'a [&'a str],
    /// Whether anybody described it.
    pub described: bool,
    /// Whether it is in use.
    pub in_use: bool,
    /// Days since it came to be; -1 where that is not known.
    pub age_days: i64,
    /// What else its source said, where a condition asks for it.
    pub attributes: &'a [(String, serde_json::Value)],
}

/// A condition that was read and may be asked many times.
#[derive(Clone, Deserialize)]
#[serde(try_from = "String")]
pub struct Condition {
    text: String,
    program: Arc<Program>,
    names: Vec<&'static str>,
    /// The same, where it can be told without an interpreter.
    simple: Option<Arc<Simple>>,
}

impl std::fmt::Debug for Condition {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.text.fmt(f)
    }
}

impl PartialEq for Condition {
    fn eq(&self, other: &Condition) -> bool {
        self.text == other.text
    }
}

impl TryFrom<String> for Condition {
    type Error = String;

    fn try_from(text: String) -> Result<Condition, String> {
        if text.len() > LONGEST {
            return Err(format!("a condition has at most {LONGEST} characters"));
        }
        if is_deep(&text) {
            return Err("a condition so nested is not read: write it as several requirements".to_owned());
        }
        let loops = ["all(", "exists(", "exists_one(", "map(", "filter("];
        if loops.iter().map(|word| text.matches(word).count()).sum::<usize>() > MOST_LOOPS {
            return Err(format!("a condition runs through at most {MOST_LOOPS} lists"));
        }
        let program =
            Program::compile(&text).map_err(|error| format!("not CEL: {}", first_line(&error.to_string())))?;
        let said = program.references();
        let bound = bound_names(&text);
        for name in said.variables() {
            if !NAMES.contains(&name) && !name.starts_with('@') && !bound.iter().any(|it| it == name) {
                return Err(format!("the condition names \"{name}\"; it may name {}", NAMES.join(", ")));
            }
        }
        let names = NAMES.iter().copied().filter(|name| said.has_variable(name)).collect();
        // what it makes of an artefact of which nothing is known shows functions that are none
        let simple = Simple::of(&program.expression().expr).map(Arc::new);
        let condition = Condition { program: Arc::new(program), names, simple, text };
        match condition.interpreted(&Facts::default()) {
            Err(why) if why.contains("ndeclared") || why.contains("not a yes or no") => Err(why),
            _ => Ok(condition),
        }
    }
}

/// Whether a condition may nest deeper than a small stack holds, judged by its letters alone.
fn is_deep(text: &str) -> bool {
    let (mut depth, mut deepest) = (0_usize, 0);
    for c in text.chars() {
        match c {
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        deepest = deepest.max(depth);
    }
    deepest > DEEPEST.0 || text.matches(['!', '-', '+', '*', '/', '%', '?', '[', '{']).count() > DEEPEST.1
}

fn first_line(text: &str) -> String {
    text.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or("it cannot be read").to_owned()
}

/// The names that words which run through a list give to its items: the `e` of `all(e, …)`.
fn bound_names(text: &str) -> Vec<String> {
    let after = ["all(", "exists(", "exists_one(", "map(", "filter("]
        .into_iter()
        .flat_map(|word| text.match_indices(word).map(move |(at, _)| at + word.len()));
    after.filter_map(|at| text.get(at..)?.split(',').next()).map(|name| name.trim().to_owned()).collect()
}

fn environment() -> &'static Arc<Env> {
    static ENVIRONMENT: OnceLock<Arc<Env>> = OnceLock::new();
    ENVIRONMENT.get_or_init(|| Arc::new(Env::stdlib()))
}

/// A text as a condition is shown it.
fn cut(text: &str) -> &str {
    if text.len() <= LONGEST_TEXT {
        return text;
    }
    text.char_indices().nth(LONGEST_TEXT).map_or(text, |(at, _)| &text[..at])
}

/// A list as a condition is shown it.
fn listed<'t>(of: &'t [&str]) -> impl Iterator<Item = &'t str> {
    of.iter().take(MOST_ITEMS).map(|text| cut(text))
}

fn shown(text: &str) -> Value {
    Value::from(cut(text))
}

fn list(of: &[&str]) -> Value {
    Value::from(Arc::new(listed(of).map(Value::from).collect::<Vec<Value>>()))
}

fn attribute(value: &serde_json::Value) -> Value {
    match value {
        serde_json::Value::String(text) => shown(text),
        serde_json::Value::Bool(word) => Value::from(*word),
        serde_json::Value::Number(number) => match number.as_i64() {
            Some(whole) => Value::from(whole),
            None => Value::from(number.as_f64().unwrap_or_default()),
        },
        other => shown(&other.to_string()),
    }
}

impl Condition {
    /// Whether it reads what only the records say, which costs a look at them.
    pub fn reads_attributes(&self) -> bool {
        self.names.contains(&"attributes")
    }

    /// As it was written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether it holds of an artefact; why that cannot be told, where it cannot.
    ///
    /// # Errors
    /// When it asks for something that is not there, or compares what cannot be compared.
    pub fn holds(&self, facts: &Facts<'_>) -> Result<bool, String> {
        match &self.simple {
            Some(simple) => Ok(simple.holds(facts)),
            None => self.interpreted(facts),
        }
    }

    /// What CEL makes of it.
    fn interpreted(&self, facts: &Facts<'_>) -> Result<bool, String> {
        let mut context = Context::with_env(environment().clone());
        for name in &self.names {
            let value = match *name {
                "id" => shown(facts.id),
                "kind" => shown(facts.kind),
                "name" => shown(facts.name),
                "version" => shown(facts.version),
                "owner" => shown(facts.owner),
                "risk" => shown(facts.risks.first().copied().unwrap_or_default()),
                "risks" => list(facts.risks),
                "environments" => list(facts.environments),
                "described" => Value::from(facts.described),
                "in_use" => Value::from(facts.in_use),
                "age_days" => Value::from(facts.age_days),
                _ => {
                    let pairs = facts.attributes.iter().take(MOST_ITEMS);
                    let map: HashMap<String, Value> = pairs.map(|(key, it)| (key.clone(), attribute(it))).collect();
                    Value::from(map)
                }
            };
            context.add_variable_from_value(*name, value);
        }
        match self.program.execute(&context) {
            Ok(Value::Bool(word)) => Ok(word),
            Ok(_) => Err("the condition gives something that is not a yes or no".to_owned()),
            Err(error) => Err(first_line(&error.to_string())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Condition, String> {
        Condition::try_from(text.to_owned())
    }

    #[test]
    fn a_condition_speaks_of_facts_and_of_nothing_else() {
        let facts = Facts { owner: "vendor:acme", environments: &["prod-eu"], ..Facts::default() };
        let holds = |text: &str| read(text).unwrap().holds(&facts);
        assert_eq!(holds("owner.startsWith('vendor:')"), Ok(true));
        assert_eq!(holds("environments.all(e, !e.startsWith('prod'))"), Ok(false));
        assert_eq!(holds("'prod-eu' in environments && !in_use"), Ok(true));
        assert!(read("ownr == 'x'").unwrap_err().contains("\"ownr\""));
        assert!(read("owner ==").unwrap_err().starts_with("not CEL"));
        assert!(read("owner").unwrap_err().contains("yes or no"));
        assert!(read("frobnicate(owner)").is_err());
    }

    #[test]
    fn attributes_are_read_only_where_they_are_named_and_a_missing_one_is_told() {
        let attributes = [("amount".to_owned(), "2480.00".into()), ("step".to_owned(), "action".into())];
        let facts = Facts { attributes: &attributes, ..Facts::default() };
        let condition = read("has(attributes.amount) && double(attributes.amount) > 500.0").unwrap();
        assert!(condition.reads_attributes() && !read("in_use").unwrap().reads_attributes());
        assert_eq!(condition.holds(&facts), Ok(true));
        assert_eq!(condition.holds(&Facts::default()), Ok(false));
        assert!(read("attributes.amount == '1'").unwrap().holds(&Facts::default()).is_err());
    }

    #[test]
    fn what_a_condition_may_cost_is_bounded() {
        assert!(read(&format!("owner == '{}'", "x".repeat(LONGEST))).is_err());
        assert!(read(&format!("{}in_use{}", "(".repeat(400), ")".repeat(400))).is_err());
        assert!(read(&format!("{}in_use", "!".repeat(900))).is_err());
        assert!(read(&format!("{}in_use", "!".repeat(20))).is_ok_and(|it| it.holds(&Facts::default()).is_ok()));
        assert!(read(&format!("{}in_use{}", "(".repeat(12), ")".repeat(12))).is_ok());
        let nested = "risks.all(a, risks.all(b, risks.all(c, a == b && b == c)))";
        assert!(read(nested).unwrap_err().contains("at most 2"));
        assert!(read(&format!("1{} == 0", " + 1".repeat(100))).is_err());
    }
}
