//! Tests of what is taken back, and that the order in which records came decides nothing.

use super::*;
use crate::graph::fixture::{Sayings, at};
use crate::investigate::marks::MarkBook;
use crate::model::{Mark, MarkKind, Retract};
use proptest::prelude::*;

/// A saying that needs no ledger: its digest is its content.
fn saying(claim: u64, source: &str, statement: Statement, proof: Proof) -> Saying {
    let name = ClaimName { text: format!("{claim}.1"), source: source.to_owned() };
    let digest = format!("{statement:?}");
    Saying { claim, name, statement, digest, proof }
}

fn mark(kind: MarkKind, minute: u8) -> Statement {
    Statement::Mark(Mark {
        about: "dataset:x@1".to_owned(),
        mark: kind,
        by: "person:a".to_owned(),
        at: at(&format!("2026-11-19T01:{minute:02}:00Z")),
        since: None,
        until: None,
        reason: "because".to_owned(),
        case: None,
        signature: None,
    })
}

fn retract(of: Option<String>, what: &str) -> Statement {
    Statement::Retract(Retract {
        what: what.to_owned(),
        of,
        by: "person:b".to_owned(),
        at: at("2026-11-19T02:00:00Z"),
        reason: "slip".to_owned(),
        signature: None,
    })
}

fn name(statement: &Statement) -> String {
    format!("{statement:?}")
}

fn holding(sayings: &[Saying]) -> Vec<MarkKind> {
    let lineage = Sayings::default().artefact("dataset:x@1", "{}").lineage();
    let book = MarkBook::of(&lineage, sayings, Vec::new());
    book.on(lineage.node("dataset:x@1").unwrap(), None)
}

const BAD: MarkKind = MarkKind::Compromised;

#[test]
fn a_file_voids_nothing_that_an_investigator_said_even_when_it_repeats_it() {
    let said = mark(BAD, 1);
    let by_file = retract(Some(name(&said)), "1.1");
    let sayings = [
        saying(1, INVESTIGATOR, said.clone(), Proof::CLAIMED),
        saying(2, "file:evil", said.clone(), Proof::CLAIMED),
        saying(3, "file:evil", by_file.clone(), Proof::CLAIMED),
        saying(4, "file:evil", retract(None, "1.1"), Proof::CLAIMED),
    ];
    assert_eq!(holding(&sayings), [BAD]);
    assert_eq!(holding(&sayings[1..]), [], "its own word it may take back");
    for source in [INVESTIGATOR, "investigator:colleague.jsonl"] {
        let taken = [sayings[0].clone(), sayings[1].clone(), saying(3, source, by_file.clone(), Proof::CLAIMED)];
        assert_eq!(holding(&taken), [], "{source}");
    }
    // a colleague's claim numbers are not ours
    let theirs = saying(5, "investigator:colleague.jsonl", retract(None, "1.1"), Proof::CLAIMED);
    assert_eq!(holding(&[sayings[0].clone(), theirs]), [BAD]);
}

#[test]
fn a_retraction_taken_back_takes_nothing_back_however_long_the_chain() {
    let mut statements = vec![mark(BAD, 1)];
    for length in 1..2_000_usize {
        statements.push(retract(Some(format!("#{}", length - 1)), "0.0"));
    }
    let chain: Vec<Saying> = statements
        .iter()
        .enumerate()
        .map(|(at, it)| Saying {
            digest: format!("#{at}"),
            ..saying(at as u64 + 1, INVESTIGATOR, it.clone(), Proof::CLAIMED)
        })
        .collect();
    assert_eq!(holding(&chain[..2]), []);
    assert_eq!(holding(&chain[..3]), [BAD]);
    assert_eq!(holding(&chain), [], "1,999 retractions, each of the one before");
    let round = [
        Saying { digest: "#a".into(), ..saying(1, INVESTIGATOR, retract(Some("#b".into()), "0.0"), Proof::CLAIMED) },
        Saying { digest: "#b".into(), ..saying(2, INVESTIGATOR, retract(Some("#a".into()), "0.0"), Proof::CLAIMED) },
    ];
    assert_eq!(once(&round).len(), 2, "a circle comes to an end");
}

#[test]
fn a_claimed_mark_does_not_overrule_a_signed_one_and_a_broken_signature_counts_for_nothing() {
    let signed = || Proof::Signed { principal: "ada".to_owned(), key: "SHA256:x".to_owned() };
    let refused = || Proof::Refused { why: "it is over other text".to_owned() };
    let good = MarkKind::Good;
    let of = |first: Proof, second: Proof| {
        holding(&[saying(1, INVESTIGATOR, mark(BAD, 1), first), saying(2, INVESTIGATOR, mark(good, 2), second)])
    };
    assert_eq!(of(Proof::CLAIMED, Proof::CLAIMED), [good]);
    assert_eq!(of(signed(), Proof::CLAIMED), [BAD]);
    assert_eq!(of(signed(), signed()), [good]);
    assert_eq!(of(Proof::CLAIMED, signed()), [good]);
    assert_eq!(of(Proof::CLAIMED, refused()), [BAD]);
    assert_eq!(of(refused(), refused()), []);
    let retracted = [
        saying(1, INVESTIGATOR, mark(BAD, 1), Proof::CLAIMED),
        saying(2, INVESTIGATOR, retract(Some(name(&mark(BAD, 1))), "1.1"), refused()),
    ];
    assert_eq!(holding(&retracted), [BAD]);
    let taken_by = |proof: Proof| {
        holding(&[
            saying(1, INVESTIGATOR, mark(BAD, 1), signed()),
            saying(2, "investigator:eve.jsonl", retract(Some(name(&mark(BAD, 1))), "1.1"), proof),
        ])
    };
    assert_eq!(taken_by(Proof::CLAIMED), [BAD], "what is signed, a claim does not take back");
    assert_eq!(taken_by(signed()), []);
}

fn any_saying() -> impl Strategy<Value = (Statement, &'static str, Proof)> {
    let kinds = prop::sample::select(MarkKind::ALL.to_vec());
    let one = (kinds, 0..4_u8).prop_map(|(kind, minute)| mark(kind, minute));
    let back = one.clone().prop_map(|mark| retract(Some(name(&mark)), "0.0"));
    let sources = prop::sample::select(vec![INVESTIGATOR, "investigator:b", "file:a", "file:b"]);
    let proofs = prop_oneof![
        Just(Proof::CLAIMED),
        Just(Proof::Signed { principal: "ada".to_owned(), key: "SHA256:x".to_owned() }),
        Just(Proof::Refused { why: "broken".to_owned() }),
    ];
    (prop_oneof![3 => one, 1 => back], sources, proofs)
}

/// The rule as it is stated, with no thought for speed.
fn naive(sayings: &[Saying]) -> Vec<MarkKind> {
    let refused = |it: &Saying| matches!(it.proof, Proof::Refused { .. });
    let standing: Vec<&Saying> = sayings
        .iter()
        .filter(|it| {
            !sayings.iter().any(|other| match &other.statement {
                Statement::Retract(back) => {
                    back.of.as_deref() == Some(it.digest.as_str())
                        && !refused(other)
                        && (!it.proof.is_signed() || other.proof.is_signed())
                        && (is_investigator(&other.name.source) || other.name.source == it.name.source)
                }
                _ => false,
            })
        })
        .collect();
    let signed =
        |digest: &str| standing.iter().any(|it| it.digest == digest && matches!(it.proof, Proof::Signed { .. }));
    let marks: Vec<(&Mark, bool, &str)> = standing
        .iter()
        .filter(|it| !refused(it))
        .filter_map(|it| match &it.statement {
            Statement::Mark(mark) => Some((mark, signed(&it.digest), it.digest.as_str())),
            _ => None,
        })
        .collect();
    let bad = |mark: &Mark| matches!(mark.mark, MarkKind::Compromised | MarkKind::Suspect);
    let good = |mark: &Mark| matches!(mark.mark, MarkKind::Good | MarkKind::Cleared);
    let mut held: Vec<MarkKind> = marks
        .iter()
        .filter(|(mark, signed, digest)| {
            !marks.iter().any(|(other, other_signed, other_digest)| {
                ((bad(mark) && good(other)) || (good(mark) && bad(other)))
                    && (*other_signed, other.at, *other_digest) > (*signed, mark.at, *digest)
            })
        })
        .map(|(mark, ..)| mark.mark)
        .collect();
    held.sort_unstable();
    held.dedup();
    held
}

proptest! {
    #[test]
    fn what_holds_is_as_stated_whatever_the_order_of_records(
        said in prop::collection::vec(any_saying(), 0..12),
        order in any::<prop::sample::Index>(),
    ) {
        let number = |said: &[(Statement, &str, Proof)]| -> Vec<Saying> {
            let numbered = said.iter().enumerate();
            numbered.map(|(at, (it, source, proof))| saying(at as u64 + 1, source, it.clone(), proof.clone())).collect()
        };
        let sayings = number(&said);
        let held = holding(&sayings);
        prop_assert_eq!(&held, &naive(&sayings));
        let mut turned = said.clone();
        if !turned.is_empty() {
            turned.rotate_left(order.index(said.len()));
        }
        turned.reverse();
        prop_assert_eq!(&held, &holding(&number(&turned)));
        let twice: Vec<_> = said.iter().chain(&said).cloned().collect();
        prop_assert_eq!(&held, &holding(&number(&twice)));
    }
}
