//! Which of what investigators said was taken back, and by which word. What a statement says of an artefact
//! does not matter here.

use crate::investigate::said::{Proof, Saying, TakenBack, Trust, is_from_another};
use crate::model::{Retract, Statement, Time};
use std::collections::{HashMap, HashSet};

/// What takes a statement back.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Word {
    at: Time,
    digest: String,
    /// Who, when and why.
    pub(super) taken: TakenBack,
}

/// Which claims were taken back.
pub(super) struct Fates {
    /// The earliest word that does.
    taken: HashMap<u64, Word>,
    /// The claims of retractions that take something back.
    took: HashSet<u64>,
}

/// A retraction and the claim that makes it.
type Taker<'a> = (&'a Saying, &'a Retract);

/// What cannot be told apart by anybody who takes it back: one statement, equally trusted, of one source.
type Class<'a> = (&'a str, Trust, &'a str);

fn class(saying: &Saying) -> Class<'_> {
    (&saying.digest, saying.trust(), &saying.name.source)
}

/// Every retraction once, by what it aims at.
struct Takers<'a> {
    all: Vec<Taker<'a>>,
    by_digest: HashMap<&'a str, Vec<usize>>,
    by_claim: HashMap<&'a str, Vec<usize>>,
}

impl<'a> Takers<'a> {
    /// Gives for the claim of each retraction the place of the one it is kept as. A retraction whose
    /// signature does not verify is none.
    fn of(sayings: &'a [Saying]) -> (Takers<'a>, HashMap<u64, usize>) {
        let retractions = sayings.iter().filter_map(|saying| match &saying.statement {
            Statement::Retract(retract) if !matches!(saying.proof, Proof::Refused { .. }) => Some((saying, retract)),
            _ => None,
        });
        let retractions: Vec<Taker<'a>> = retractions.collect();
        let named: HashSet<&str> =
            retractions.iter().filter(|(_, it)| it.of.is_none()).map(|(_, it)| it.what.as_str()).collect();
        let mut takers = Takers { all: Vec::new(), by_digest: HashMap::new(), by_claim: HashMap::new() };
        let (mut kept, mut places) = (HashMap::new(), HashMap::new());
        for (saying, retract) in retractions {
            let next = takers.all.len();
            // what is aimed at by its claim may fare otherwise than its like
            let alike = retract.of.is_some() && !saying.digest.is_empty() && !named.contains(saying.name.text.as_str());
            let place = if alike { *kept.entry(class(saying)).or_insert(next) } else { next };
            places.insert(saying.claim, place);
            if place < next {
                continue;
            }
            takers.all.push((saying, retract));
            match &retract.of {
                Some(of) => takers.by_digest.entry(of).or_default().push(place),
                None if is_from_another(&saying.name.source) => {}
                None => takers.by_claim.entry(&retract.what).or_default().push(place),
            }
        }
        (takers, places)
    }

    /// Those that may take a statement back.
    fn aimed(&self, target: &Saying) -> Vec<usize> {
        let by_digest = self.by_digest.get(target.digest.as_str()).into_iter().flatten();
        let by_claim = self.by_claim.get(target.name.text.as_str()).into_iter().flatten();
        let may = |at: &usize| self.all.get(*at).is_some_and(|taker| may_take(taker, target));
        by_digest.chain(by_claim).copied().filter(may).collect()
    }

    /// Which were not taken back themselves: each waits for the word on those aimed at it.
    fn standing(&self) -> Vec<bool> {
        let mut known: Vec<Option<bool>> = vec![None; self.all.len()];
        let mut entered = vec![false; self.all.len()];
        for (start, (saying, _)) in self.all.iter().enumerate() {
            if entered[start] {
                continue;
            }
            entered[start] = true;
            let mut open = vec![(start, self.aimed(saying))];
            while let Some((at, waiting)) = open.last_mut() {
                let (at, next) = (*at, waiting.last().copied());
                match next.map(|next| (next, known[next], entered[next])) {
                    None => {
                        known[at] = Some(true);
                        open.pop();
                    }
                    Some((_, Some(true), _)) => {
                        known[at] = Some(false);
                        open.pop();
                    }
                    // one that waits for this one already can take nothing back from it
                    Some((_, Some(false), _) | (_, None, true)) => {
                        waiting.pop();
                    }
                    Some((next, None, false)) => {
                        entered[next] = true;
                        open.push((next, self.aimed(self.all[next].0)));
                    }
                }
            }
        }
        known.into_iter().map(|it| it.unwrap_or(true)).collect()
    }
}

impl Fates {
    /// What is trusted less takes back nothing that is trusted more, and a file only what it said itself. A
    /// retraction that names its statement by digest means every claim of it. One by claim means this
    /// ledger's, so it counts only where it was said here or came in a plain file. One that was itself
    /// taken back, or whose signature does not verify, takes nothing back.
    pub(super) fn of(sayings: &[Saying]) -> Fates {
        let (takers, places) = Takers::of(sayings);
        let stands = takers.standing();
        let mut effective = vec![false; takers.all.len()];
        let mut of_class: HashMap<Class<'_>, Option<Word>> = HashMap::new();
        let mut taken = HashMap::new();
        for target in sayings {
            let alike = !target.digest.is_empty() && !takers.by_claim.contains_key(target.name.text.as_str());
            let known = if alike { of_class.get(&class(target)).cloned() } else { None };
            let word = known.unwrap_or_else(|| {
                let standing = takers.aimed(target).into_iter().filter(|at| stands[*at]);
                let first = standing.inspect(|at| effective[*at] = true).map(|at| takers.all[at]);
                let first = first.min_by_key(|(saying, it)| (it.at, saying.digest.as_str()));
                first.map(|(saying, it)| {
                    let (claim, source) = (saying.name.text.clone(), saying.name.source.clone());
                    let record = claim.split_once('.').and_then(|(record, _)| record.parse().ok());
                    let (by, reason) = (it.by.clone(), it.reason.clone());
                    let taken = TakenBack { at: it.at, by, reason, source, claim, record };
                    Word { at: it.at, digest: saying.digest.clone(), taken }
                })
            });
            if alike {
                of_class.entry(class(target)).or_insert_with(|| word.clone());
            }
            if let Some(word) = word {
                taken.insert(target.claim, word);
            }
        }
        let took = places.into_iter().filter(|(_, place)| effective[*place]).map(|(claim, _)| claim).collect();
        Fates { taken, took }
    }

    /// The word that takes a claim back.
    pub(super) fn word(&self, saying: &Saying) -> Option<&Word> {
        self.taken.get(&saying.claim)
    }

    /// Whether a retraction takes anything back.
    pub(super) fn took(&self, saying: &Saying) -> bool {
        self.took.contains(&saying.claim)
    }
}

fn may_take((saying, retract): &Taker<'_>, target: &Saying) -> bool {
    let trusted = match saying.trust() {
        Trust::File => target.trust() == Trust::File && saying.name.source == target.name.source,
        trust => trust >= target.trust(),
    };
    // By claim, a retraction takes back only what was there before it, so that no two take back each other.
    let before = retract.of.is_some() || !matches!(target.statement, Statement::Retract(_));
    trusted && saying.claim != target.claim && (before || saying.claim > target.claim)
}
