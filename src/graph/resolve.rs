//! What a person means by an ARTEFACT argument: an id, a unique part of one, a digest, a commit or a
//! URI. When several fit they are listed; it guesses nothing.

use crate::graph::lineage::{Lineage, Node};
use crate::model::{Digest, IdParts};

/// What an argument came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Resolved {
    /// Exactly one artefact fits.
    One(Node),
    /// Several fit equally well: the first [`MOST_LISTED`] in order of ids, and how many there are.
    Several(Vec<Node>, usize),
    /// None fits; these are near.
    None(Vec<Node>),
}

/// The most artefacts that are listed.
pub const MOST_LISTED: usize = 20;

/// Resolves an argument.
pub fn resolve(lineage: &Lineage, text: &str) -> Resolved {
    let text = text.trim();
    if text.is_empty() {
        return Resolved::None(Vec::new());
    }
    if let Some(node) = lineage.node(text) {
        return Resolved::One(node);
    }
    let same_identifier = lineage.nodes_with_identifier(text);
    let spelled = Digest::parse(text);
    let same_digest = lineage.nodes_with_identifier(spelled.as_str());
    let exact = one_of(same_identifier.chain(same_digest));
    exact
        .or_else(|| one_of(by_hex(lineage, text)))
        .or_else(|| one_of(by_name(lineage, text)))
        .or_else(|| one_of(by_part(lineage, text)))
        .unwrap_or_else(|| Resolved::None(near(lineage, text)))
}

fn one_of(nodes: impl Iterator<Item = Node>) -> Option<Resolved> {
    let mut nodes: Vec<Node> = nodes.collect();
    nodes.sort_unstable();
    nodes.dedup();
    match nodes.as_slice() {
        [] => None,
        [one] => Some(Resolved::One(*one)),
        several => {
            let count = several.len();
            nodes.truncate(MOST_LISTED);
            Some(Resolved::Several(nodes, count))
        }
    }
}

/// At least seven hex digits that a digest, commit or fingerprint begins with.
fn by_hex<'a>(lineage: &'a Lineage, text: &'a str) -> impl Iterator<Item = Node> + 'a {
    let (scheme, hex) = text.rsplit_once(':').map_or((None, text), |(scheme, hex)| (Some(scheme), hex));
    let hex = hex.to_ascii_lowercase();
    let wanted = hex.len() >= 7 && hex.bytes().all(|b| b.is_ascii_hexdigit());
    let scheme = scheme.map(|word| word.to_ascii_lowercase().replace(['-', '_'], ""));
    let found: Vec<Node> = if wanted {
        let fits = |text: &str| scheme.as_deref().is_none_or(|word| text.starts_with(word));
        lineage.nodes_with_hex(&hex).filter(|(text, _)| fits(text)).map(|(_, node)| node).collect()
    } else {
        Vec::new()
    };
    found.into_iter()
}

/// The whole id but for its kind (`fraud-scorer@42`); without a version also every version of that name,
/// for a bare name is not a version and picking one would be a guess.
fn by_name<'a>(lineage: &'a Lineage, text: &'a str) -> impl Iterator<Item = Node> + 'a {
    let letters = Lineage::letters_of(text);
    let may = |node: &Node| lineage.letters()[node.index()] & letters == letters;
    let ends =
        |id: &[u8]| id.len() > text.len() && id.ends_with(text.as_bytes()) && id[id.len() - text.len() - 1] == b':';
    let mut found: Vec<Node> =
        lineage.nodes().filter(may).filter(|node| ends(lineage.id_bytes(node.index()))).collect();
    if IdParts::of(text).version.is_none() || found.is_empty() {
        found.extend(lineage.nodes().filter(may).filter(|node| is_named(lineage, *node, text)));
    }
    found.into_iter()
}

fn is_named(lineage: &Lineage, node: Node, text: &str) -> bool {
    let id = lineage.id(node);
    // most ids do not even hold the text
    (id.contains(text) && IdParts::of(id).name == text) || lineage.stated_name(node) == Some(text)
}

/// Any part of the id, or of an id folded into it; upper and lower case alike.
fn by_part<'a>(lineage: &'a Lineage, text: &'a str) -> impl Iterator<Item = Node> + 'a {
    let folded = text.to_lowercase();
    let letters = Lineage::letters_of(text);
    let own = lineage.nodes().filter(move |node| lineage.letters()[node.index()] & letters == letters);
    let part = folded.clone();
    let own = own.filter(move |node| holds(lineage.id(*node), &part));
    let aliases = lineage.all_aliases().filter(move |it| holds(it.id, &folded)).map(|it| it.node);
    own.chain(aliases)
}

fn holds(id: &str, folded: &str) -> bool {
    id.to_lowercase().contains(folded)
}

/// Ids that share most pairs of letters with the text, best first.
fn near(lineage: &Lineage, text: &str) -> Vec<Node> {
    let mut wanted = Vec::new();
    pairs(text, &mut wanted);
    if wanted.is_empty() {
        return Vec::new();
    }
    let mut among = vec![false; 1 << 16];
    for pair in &wanted {
        among[usize::from(*pair)] = true;
    }
    let letters = Lineage::letters_of(text);
    let whole = text.contains([':', '@']);
    let share = |shared: usize, own: usize| 2000 * shared / (wanted.len() + own).max(1);
    let mut own = Vec::new();
    let mut best: Vec<(usize, Node)> = Vec::new();
    for node in lineage.nodes() {
        // a slip changes few letters
        if (letters & !lineage.letters()[node.index()]).count_ones() > 2 {
            continue;
        }
        let id = lineage.id(node);
        let own_text = if whole { id } else { IdParts::of(id).name };
        // counted with repeats, so never fewer than there are
        let most = each_pair(own_text).filter(|pair| among[usize::from(*pair)]).count();
        if share(most, most) < LEAST_SHARED {
            continue;
        }
        pairs(own_text, &mut own);
        let shared = own.iter().filter(|pair| among[usize::from(**pair)]).count();
        let score = share(shared, own.len());
        if score >= LEAST_SHARED {
            best.push((score, node));
        }
    }
    best.sort_unstable_by_key(|(score, node)| (std::cmp::Reverse(*score), *node));
    best.into_iter().take(5).map(|(_, node)| node).collect()
}

/// Of a thousand: how alike an id must be to be called near.
const LEAST_SHARED: usize = 600;

fn each_pair(text: &str) -> impl Iterator<Item = u16> + '_ {
    let lower = |b: u8| b.to_ascii_lowercase();
    text.as_bytes().windows(2).map(move |pair| u16::from_be_bytes([lower(pair[0]), lower(pair[1])]))
}

/// The distinct pairs of neighbouring letters, upper and lower case alike, in order.
fn pairs(text: &str, into: &mut Vec<u16>) {
    into.clear();
    into.extend(each_pair(text));
    into.sort_unstable();
    into.dedup();
}
