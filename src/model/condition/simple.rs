//! A condition that only compares what is known with what is written, told without an interpreter: gaps ask one of
//! a million artefacts. It says what CEL says of it; what it does not cover it leaves to CEL.

use super::{Facts, cut, listed};
use cel::common::ast::operators::{
    EQUALS, GREATER, GREATER_EQUALS, IN, LESS, LESS_EQUALS, LOGICAL_AND, LOGICAL_NOT, LOGICAL_OR, NOT_EQUALS,
};
use cel::common::ast::{CallExpr, Expr, LiteralValue};

/// A yes or no that cannot fail.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Simple {
    Written(bool),
    Described,
    InUse,
    Not(Box<Simple>),
    All(Box<(Simple, Simple)>),
    Any(Box<(Simple, Simple)>),
    Texts(Comparison, Text, Text),
    Among(Text, List),
    Age(Comparison, i64),
}

/// How two things of one type are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Comparison {
    Same,
    Other,
    Less,
    LessOrSame,
    More,
    MoreOrSame,
    Begins,
    Ends,
    Holds,
}

/// A text that is written, or that is known.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Text {
    Written(String),
    Id,
    Kind,
    Name,
    Version,
    Owner,
    Risk,
}

/// A list of texts that is written, or that is known.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum List {
    Written(Vec<String>),
    Risks,
    Environments,
}

impl Simple {
    /// Reads an expression; nothing where it says more than this can tell.
    pub(super) fn of(expression: &Expr) -> Option<Simple> {
        match expression {
            Expr::Literal(LiteralValue::Boolean(word)) => Some(Simple::Written(*word.inner())),
            Expr::Ident(name) => match name.as_str() {
                "described" => Some(Simple::Described),
                "in_use" => Some(Simple::InUse),
                _ => None,
            },
            Expr::Call(call) => Simple::of_call(call),
            _ => None,
        }
    }

    fn of_call(call: &CallExpr) -> Option<Simple> {
        match (call.target.as_deref(), call.args.as_slice()) {
            (Some(of), [with]) => {
                let comparison = match call.func_name.as_str() {
                    "startsWith" => Comparison::Begins,
                    "endsWith" => Comparison::Ends,
                    "contains" => Comparison::Holds,
                    _ => return None,
                };
                Some(Simple::Texts(comparison, Text::of(&of.expr)?, Text::of(&with.expr)?))
            }
            (None, [of]) if call.func_name == LOGICAL_NOT => Some(Simple::Not(Box::new(Simple::of(&of.expr)?))),
            (None, [a, b]) => {
                let (a, b) = (&a.expr, &b.expr);
                let both = || Some(Box::new((Simple::of(a)?, Simple::of(b)?)));
                match call.func_name.as_str() {
                    LOGICAL_AND => both().map(Simple::All),
                    LOGICAL_OR => both().map(Simple::Any),
                    IN => Some(Simple::Among(Text::of(a)?, List::of(b)?)),
                    sign => compared(sign, a, b),
                }
            }
            _ => None,
        }
    }

    /// Whether it holds.
    pub(super) fn holds(&self, facts: &Facts<'_>) -> bool {
        match self {
            Simple::Written(word) => *word,
            Simple::Described => facts.described,
            Simple::InUse => facts.in_use,
            Simple::Not(it) => !it.holds(facts),
            Simple::All(both) => both.0.holds(facts) && both.1.holds(facts),
            Simple::Any(both) => both.0.holds(facts) || both.1.holds(facts),
            Simple::Texts(how, a, b) => {
                let (a, b) = (a.known(facts), b.known(facts));
                match how {
                    Comparison::Begins => a.starts_with(b),
                    Comparison::Ends => a.ends_with(b),
                    Comparison::Holds => a.contains(b),
                    how => how.of(&a, &b),
                }
            }
            Simple::Among(text, list) => {
                let text = text.known(facts);
                match list {
                    List::Written(list) => list.iter().any(|it| it == text),
                    List::Risks => listed(facts.risks).any(|it| it == text),
                    List::Environments => listed(facts.environments).any(|it| it == text),
                }
            }
            Simple::Age(how, days) => how.of(&facts.age_days, days),
        }
    }
}

/// Two texts, or the age and a number of days.
fn compared(sign: &str, a: &Expr, b: &Expr) -> Option<Simple> {
    let how = match sign {
        EQUALS => Comparison::Same,
        NOT_EQUALS => Comparison::Other,
        LESS => Comparison::Less,
        LESS_EQUALS => Comparison::LessOrSame,
        GREATER => Comparison::More,
        GREATER_EQUALS => Comparison::MoreOrSame,
        _ => return None,
    };
    match (a, b) {
        (Expr::Ident(name), Expr::Literal(LiteralValue::Int(days))) if name == "age_days" => {
            Some(Simple::Age(how, *days.inner()))
        }
        _ => Some(Simple::Texts(how, Text::of(a)?, Text::of(b)?)),
    }
}

impl Comparison {
    fn of<T: Ord>(self, a: &T, b: &T) -> bool {
        match self {
            Comparison::Same => a == b,
            Comparison::Other => a != b,
            Comparison::Less => a < b,
            Comparison::LessOrSame => a <= b,
            Comparison::More => a > b,
            Comparison::MoreOrSame => a >= b,
            // no order of things: texts only, which are told apart before
            Comparison::Begins | Comparison::Ends | Comparison::Holds => false,
        }
    }
}

impl Text {
    fn of(expression: &Expr) -> Option<Text> {
        match expression {
            Expr::Literal(LiteralValue::String(text)) => Some(Text::Written(text.inner().to_owned())),
            Expr::Ident(name) => match name.as_str() {
                "id" => Some(Text::Id),
                "kind" => Some(Text::Kind),
                "name" => Some(Text::Name),
                "version" => Some(Text::Version),
                "owner" => Some(Text::Owner),
                "risk" => Some(Text::Risk),
                _ => None,
            },
            _ => None,
        }
    }

    fn known<'f>(&'f self, facts: &Facts<'f>) -> &'f str {
        match self {
            Text::Written(text) => text,
            Text::Id => cut(facts.id),
            Text::Kind => cut(facts.kind),
            Text::Name => cut(facts.name),
            Text::Version => cut(facts.version),
            Text::Owner => cut(facts.owner),
            Text::Risk => cut(facts.risks.first().copied().unwrap_or_default()),
        }
    }
}

impl List {
    fn of(expression: &Expr) -> Option<List> {
        match expression {
            Expr::Ident(name) if name == "risks" => Some(List::Risks),
            Expr::Ident(name) if name == "environments" => Some(List::Environments),
            Expr::List(list) if list.optional_indices.is_empty() => {
                let texts = list.elements.iter().map(|it| match &it.expr {
                    Expr::Literal(LiteralValue::String(text)) => Some(text.inner().to_owned()),
                    _ => None,
                });
                texts.collect::<Option<Vec<String>>>().map(List::Written)
            }
            _ => None,
        }
    }
}
