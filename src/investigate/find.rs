//! Search over every name, id and identifier. A cheap pass decides what fits and counts it exactly;
//! the matcher only ranks the best of that. It searches no record contents.

use crate::graph::{Lineage, Node, NodeSet};
use crate::investigate::answer::{Answer, Completeness};
use crate::investigate::asking::Asking;
use crate::investigate::question::Find;
use crate::investigate::rows::Found;
use crate::investigate::score::{Fit, Word, fit, fold_into};
use crate::investigate::wording::count;
use crate::model::MarkKind;
use fuzzy_matcher::FuzzyMatcher;
use fuzzy_matcher::skim::SkimMatcherV2;
use std::sync::atomic::{AtomicBool, Ordering};

pub use crate::graph::walk::Cancelled;

/// The most candidates that the matcher ranks; the cheap fit chooses them.
const MOST_RANKED: usize = 10_000;
/// Likewise for a page that is shown while the search goes on.
const MOST_RANKED_FIRST: usize = 2_000;
/// Artefacts looked at between two looks at the cancel flag.
const BLOCK: usize = 1 << 15;
/// How many blocks are looked at before a first page is shown.
const FIRST_BLOCKS: usize = 6;

/// Searches once.
///
/// # Errors
/// When it was cancelled.
pub fn find(asking: &Asking<'_>, question: &Find) -> Result<Answer<Found>, Cancelled> {
    Finder::new().ask(asking, question, &mut |_| {})
}

/// A search as it is typed: keeps what fitted, so that a longer query looks only at that. Start a new
/// one when the lineage or the marks change.
#[derive(Default)]
pub struct Finder {
    last: Option<(Query, Vec<u32>)>,
    matcher: SkimMatcherV2,
}

/// A query taken apart.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
struct Query {
    words: Vec<Word>,
    kind: Option<String>,
    owner: Option<String>,
    environment: Option<String>,
    mark: Option<String>,
    state: Option<String>,
}

/// The most words of a query that are looked for.
const MOST_WORDS: usize = 32;

impl Query {
    fn parse(text: &str) -> Query {
        let mut query = Query::default();
        for word in text.split_whitespace() {
            let field = match word.split_once(':') {
                Some(("kind", value)) => (&mut query.kind, value),
                Some(("owner", value)) => (&mut query.owner, value),
                Some(("env" | "environment", value)) => (&mut query.environment, value),
                Some(("mark", value)) => (&mut query.mark, value),
                Some(("state", value)) => (&mut query.state, value),
                // More than a person types says nothing more.
                _ if query.words.len() >= MOST_WORDS => continue,
                _ => {
                    query.words.push(Word::new(word));
                    continue;
                }
            };
            *field.0 = Some(field.1.to_lowercase());
        }
        query
    }

    /// Whether everything that fits this also fitted `earlier`.
    fn narrows(&self, earlier: &Query) -> bool {
        let filters = |query: &Query| Query { words: Vec::new(), ..query.clone() };
        filters(self) == filters(earlier)
            && earlier.words.len() <= self.words.len()
            && earlier.words.iter().zip(&self.words).all(|(old, new)| new.text.starts_with(&old.text))
    }

    fn letters(&self) -> u32 {
        self.words.iter().fold(0, |letters, word| letters | word.letters)
    }
}

/// The filters of a query as tables by code.
struct Filter {
    kinds: Option<[bool; 256]>,
    facts: Option<Vec<bool>>,
    marked: Option<NodeSet>,
    described: Option<bool>,
}

impl Filter {
    fn new(asking: &Asking<'_>, query: &Query) -> Filter {
        let lineage = asking.lineage;
        let kinds = query.kind.as_ref().map(|wanted| {
            let exact = (0..u8::MAX).any(|code| lineage.kind_of_code(code) == wanted);
            let fits =
                |word: &str| if exact { word == wanted } else { !word.is_empty() && word.starts_with(wanted.as_str()) };
            std::array::from_fn(|code| fits(lineage.kind_of_code(code as u8)))
        });
        let facts = (query.owner.is_some() || query.environment.is_some()).then(|| {
            let holds = |text: Option<&str>, wanted: &Option<String>| {
                wanted.as_ref().is_none_or(|wanted| text.is_some_and(|text| text.to_lowercase().contains(wanted)))
            };
            let row = |code: usize| lineage.facts_of_code(code as u32);
            (0..lineage.facts_len())
                .map(|code| holds(row(code)[0], &query.owner) && holds(row(code)[1], &query.environment))
                .collect()
        });
        let marked = query.mark.as_ref().map(|word| {
            let mut set = NodeSet::new(lineage.len());
            // an unknown mark is on nothing
            for node in MarkKind::parse(word).map(|mark| asking.marks.marked(mark, asking.as_of)).unwrap_or_default() {
                set.insert(node);
            }
            set
        });
        let described = query.state.as_ref().map(|word| !word.starts_with("mention"));
        Filter { kinds, facts, marked, described }
    }

    #[inline]
    fn admits(&self, lineage: &Lineage, node: Node) -> bool {
        self.kinds.as_ref().is_none_or(|kinds| kinds[usize::from(lineage.kind_code(node))])
            && self.facts.as_ref().is_none_or(|facts| facts.get(lineage.facts_code(node) as usize) == Some(&true))
            && self.marked.as_ref().is_none_or(|marked| marked.contains(node))
            && self.described.is_none_or(|described| lineage.described(node) == described)
    }
}

/// How well the id of a number fits.
type Fitting = (Fit, u32);

/// Something that fits: how well, and by which text when not by its id.
struct Hit<'a> {
    fit: Fit,
    node: Node,
    matched: Option<&'a str>,
}

impl Finder {
    /// Nothing searched yet.
    pub fn new() -> Finder {
        Finder { last: None, matcher: SkimMatcherV2::default().ignore_case() }
    }

    /// Searches. When there is enough for a page before all is looked at, `first_page` gets the best
    /// so far, once; the answer may order them otherwise. A search that is stopped forgets nothing.
    ///
    /// # Errors
    /// When it was cancelled.
    pub fn ask(
        &mut self,
        asking: &Asking<'_>,
        question: &Find,
        first_page: &mut dyn FnMut(Answer<Found>),
    ) -> Result<Answer<Found>, Cancelled> {
        let lineage = asking.lineage;
        let query = Query::parse(&question.query);
        let filter = Filter::new(asking, &query);
        let scan = Scan { lineage, query: &query, filter: &filter, cancel: asking.cancel };
        let survivors = self.last.as_ref().filter(|(earlier, _)| query.narrows(earlier)).map(|it| &it.1);
        let mut early = |fits: &[Fitting]| {
            if fits.len() >= question.limit {
                let because = vec!["the search goes on".to_owned()];
                let completeness = Completeness::between(fits.len() as u64, lineage.len() as u64, because);
                let rows = self.rank(asking, &query, hits(fits), question.limit, MOST_RANKED_FIRST);
                first_page(Answer { rows, completeness, summary: () });
            }
        };
        let fits = match survivors {
            Some(list) => {
                let blocks = list.chunks(BLOCK).map(|block| block.iter().copied()).collect();
                scan.all(scattered(blocks), &mut early)?
            }
            None => {
                let len = lineage.len();
                let block = |at: usize| at as u32..(at + BLOCK).min(len) as u32;
                scan.all(scattered((0..len).step_by(BLOCK).map(block).collect()), &mut early)?
            }
        };
        let mut all = hits(&fits);
        let by_name = all.len();
        self.others(&scan, &query, &fits, &mut all);
        let total = all.len();
        let others = total - by_name;
        let rows = self.rank(asking, &query, all, question.limit, MOST_RANKED);
        let mut completeness = Completeness::exact(total);
        if rows.len() < total {
            completeness.because.push(format!("the best {} of {} are listed", rows.len(), count(total, "artefact")));
        }
        if others > 0 {
            let what = count(others, "artefact");
            completeness.because.push(format!("{what} found by an identifier, a stated name or a folded id"));
        }
        let mut names: Vec<u32> = fits.into_iter().map(|it| it.1).collect();
        names.sort_unstable();
        self.last = Some((query, names));
        Ok(Answer { rows, completeness, summary: () })
    }

    /// What fits by another text than the id.
    fn others<'a>(&self, scan: &Scan<'a, '_>, query: &Query, fits: &[Fitting], all: &mut Vec<Hit<'a>>) {
        if query.words.is_empty() {
            return;
        }
        let lineage = scan.lineage;
        let mut known = NodeSet::new(lineage.len());
        for node in fits.iter().filter_map(|it| lineage.node_at(it.1 as usize)) {
            known.insert(node);
        }
        let mut add = |fit: Fit, node: Node, text: &'a str| {
            if scan.filter.admits(lineage, node) && known.insert(node) {
                all.push(Hit { fit, node, matched: Some(text) });
            }
        };
        if let [word] = query.words.as_slice() {
            let hex = word.text.rsplit_once(':').map_or(word.text.as_str(), |it| it.1);
            if hex.len() >= 7 && hex.bytes().all(|b| b.is_ascii_hexdigit()) {
                for (text, node) in lineage.nodes_with_hex(hex).filter(|it| it.0.contains(&word.text)) {
                    // whoever pastes a digest means it
                    add(Fit::MAX, node, text);
                }
            }
        }
        let mut folded = Vec::new();
        let aliases = lineage.all_aliases().map(|it| (it.id, it.node));
        for (text, node) in aliases.chain(lineage.all_stated_names()).chain(lineage.all_names()) {
            fold_into(text.as_bytes(), &mut folded);
            if let Some(fit) = fit(&query.words, &folded) {
                // letters in order say little in a long identifier
                if fit >> 9 >= 16 {
                    add(fit, node, text);
                }
            }
        }
    }

    /// The best hits, ranked by the matcher, with rows.
    fn rank(
        &self,
        asking: &Asking<'_>,
        query: &Query,
        mut hits: Vec<Hit<'_>>,
        limit: usize,
        most: usize,
    ) -> Vec<Found> {
        let most = most.max(limit);
        if hits.len() > most {
            hits.select_nth_unstable_by_key(most, |hit| (std::cmp::Reverse(hit.fit), hit.node));
            hits.truncate(most);
        }
        let mut folded = Vec::new();
        let mut ranked: Vec<(i64, bool, Hit<'_>)> = hits
            .into_iter()
            .map(|hit| {
                fold_into(hit.matched.unwrap_or(asking.lineage.id(hit.node)).as_bytes(), &mut folded);
                let text = std::str::from_utf8(&folded).unwrap_or_default();
                let fine: i64 = query.words.iter().filter_map(|word| self.matcher.fuzzy_match(text, &word.text)).sum();
                let score = i64::from(hit.fit >> 9) * 1_000 + fine - (folded.len() as i64) / 8;
                (score, asking.lineage.described(hit.node), hit)
            })
            .collect();
        // among equals the latest is what a person most likely means
        let latest = |node| std::cmp::Reverse(asking.lineage.at(node));
        let order = |it: &(i64, bool, Hit<'_>)| (std::cmp::Reverse(it.0), !it.1, latest(it.2.node), it.2.node);
        if limit < ranked.len() {
            ranked.select_nth_unstable_by_key(limit, order);
            ranked.truncate(limit);
        }
        ranked.sort_unstable_by_key(order);
        let found = |(score, _, hit): (i64, bool, Hit<'_>)| Found {
            row: asking.row(hit.node),
            score,
            matched: hit.matched.map(str::to_owned),
        };
        ranked.into_iter().map(found).collect()
    }
}

fn hits<'a>(fits: &[Fitting]) -> Vec<Hit<'a>> {
    let hit = |(fit, node): &Fitting| Hit { fit: *fit, node: Node::from_number(*node), matched: None };
    fits.iter().map(hit).collect()
}

/// Blocks in another order, far apart ones first, so that a first page sees every kind.
fn scattered<B>(blocks: Vec<B>) -> Vec<B> {
    let stride = blocks.len().div_ceil(FIRST_BLOCKS).max(1);
    let mut placed: Vec<(usize, B)> = blocks.into_iter().enumerate().collect();
    placed.sort_by_key(|(at, _)| at % stride);
    placed.into_iter().map(|(_, block)| block).collect()
}

/// The cheap pass.
struct Scan<'a, 'b> {
    lineage: &'a Lineage,
    query: &'b Query,
    filter: &'b Filter,
    cancel: &'b AtomicBool,
}

impl Scan<'_, '_> {
    /// Looks at all blocks; `early` sees what fits of the first, unless these are all.
    fn all<B>(&self, mut blocks: Vec<B>, early: &mut dyn FnMut(&[Fitting])) -> Result<Vec<Fitting>, Cancelled>
    where
        B: IntoIterator<Item = u32> + Send,
    {
        let rest = blocks.split_off(FIRST_BLOCKS.min(blocks.len()));
        let mut fits = Vec::new();
        self.blocks(blocks, &mut fits)?;
        if !rest.is_empty() {
            early(&fits);
            self.blocks(rest, &mut fits)?;
        }
        Ok(fits)
    }

    /// Looks at blocks of numbers on two threads.
    fn blocks<B>(&self, blocks: Vec<B>, fits: &mut Vec<Fitting>) -> Result<(), Cancelled>
    where
        B: IntoIterator<Item = u32> + Send,
    {
        let mut blocks = blocks;
        let other = blocks.split_off(blocks.len() / 2);
        let (left, right) = std::thread::scope(|scope| {
            let right = scope.spawn(move || self.some(other));
            (self.some(blocks), right.join())
        });
        fits.extend(left?);
        fits.extend(right.unwrap_or(Err(Cancelled))?);
        Ok(())
    }

    fn some<B: IntoIterator<Item = u32>>(&self, blocks: Vec<B>) -> Result<Vec<Fitting>, Cancelled> {
        let wanted = self.query.letters();
        let letters = self.lineage.letters();
        let mut fits = Vec::new();
        let mut folded = Vec::new();
        for block in blocks {
            if self.cancel.load(Ordering::Relaxed) {
                return Err(Cancelled);
            }
            for number in block {
                let node = Node::from_number(number);
                if letters[node.index()] & wanted != wanted || !self.filter.admits(self.lineage, node) {
                    continue;
                }
                fold_into(self.lineage.id_as_bytes(node), &mut folded);
                if let Some(fit) = fit(&self.query.words, &folded) {
                    fits.push((fit, number));
                }
            }
        }
        Ok(fits)
    }
}
