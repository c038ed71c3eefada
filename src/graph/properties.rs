//! What must hold for any claims: the order of records does not matter, up and down are inverse, and
//! no damaged index gets past the checks or panics.

use crate::graph::fixture::Sayings;
use crate::graph::map::Bytes;
use crate::graph::resolve::resolve;
use crate::graph::walk::{Along, Bounds, Way, walk};
use crate::graph::{Held, Lineage};
use crate::model::{Time, Window};
use proptest::prelude::*;
use std::sync::atomic::AtomicBool;

static GO: AtomicBool = AtomicBool::new(false);
const KINDS: [&str; 4] = ["dataset", "model-version", "secret", "deployment"];
const RELATIONS: [&str; 4] = ["used", "trained-on", "version-of", "odd-one"];
const DATES: [&str; 5] = ["", "2026-11-01", "2026-11-05", "2026-11-09T00:00:00.5Z", "1960-01-01"];

/// What a claim says, as small numbers.
type Said = (u8, u8, u8, u8, (u8, u8));

fn id(number: u8) -> String {
    format!("{}:n{}@1", KINDS[usize::from(number % 4)], number % 12)
}

fn sayings(said: &[Said]) -> Sayings {
    let mut it = Sayings::default();
    for (sort, a, b, c, (since, until)) in said {
        let dates = (DATES[usize::from(since % 5)], DATES[usize::from(until % 5)]);
        match sort % 8 {
            0 | 1 => {
                let body = format!(
                    r#"{{"owner":"team:{c}","digests":["sha256:{}"],"identifiers":["fingerprint:{}"]}}"#,
                    format!("{:02x}", b % 6).repeat(32),
                    format!("{:02x}", c % 6).repeat(16)
                );
                it.say("artefact", (&id(*a), KINDS[usize::from(a % 4)], None), (dates.0, ""), Some(&body));
            }
            2..=5 => {
                it.dated(&id(*a), RELATIONS[usize::from(c % 4)], &id(*b), dates.0, dates.1);
            }
            6 if c % 4 == 0 => {
                it.same(&id(*a), &id(*b), &format!("because {c}"));
            }
            6 => {
                let body = format!(r#"{{"covers":["sha256:{}"]}}"#, format!("{:02x}", b % 6).repeat(32));
                it.evidence(&id(*a), "approval", ("2026-11-03", dates.1), &body);
            }
            _ if *c < 40 => {
                it.retract(&format!("{}.1", b % 40 + 1));
            }
            _ => {
                it.absence(&id(*a), "trained-on", "not-disclosed");
            }
        }
    }
    it
}

fn said() -> impl Strategy<Value = Vec<Said>> {
    prop::collection::vec((any::<u8>(), any::<u8>(), any::<u8>(), any::<u8>(), (any::<u8>(), any::<u8>())), 0..60)
}

/// Reads everything there is; nothing of it may panic.
fn read_all(lineage: &Lineage) -> usize {
    let mut read = 0;
    for node in lineage.nodes() {
        read += lineage.id(node).len() + lineage.name(node).len() + lineage.kind(node).len();
        read += lineage.owner(node).map_or(0, str::len) + lineage.claims(node).count();
        read += usize::from(lineage.at(node).is_some()) + lineage.digests(node).count();
        for link in lineage.upstream(node).chain(lineage.downstream(node)) {
            read +=
                link.relation.len() + lineage.link_claims(&link).count() + lineage.between(link.from, link.to).count();
        }
        read += lineage.evidence(node).count() + lineage.absences(node).count() + lineage.aliases(node).count();
        for way in [Way::Up, Way::Down] {
            let window = Window::at(Time::from_seconds(1_793_000_000));
            let along = Along { window, ..Along::impact() };
            read += walk(lineage, &[node], way, &along, Bounds::NONE, &GO).unwrap().len();
            read += lineage.ends(node, way, &lineage.choose(|word| word != "used"), &along).count();
        }
    }
    read += lineage.all_identifiers().count() + lineage.all_names().count() + lineage.nodes_with_hex("00").count();
    resolve(lineage, "n3");
    read
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_order_of_records_does_not_matter(said in said(), seed in any::<u64>()) {
        let mut it = sayings(&said);
        let index = it.index();
        let count = it.rows.len() as u64;
        it.rows.sort_by_key(|row| (row.id ^ seed).wrapping_mul(0x9e37_79b9_7f4a_7c15) % (count + 1));
        prop_assert_eq!(index, it.index());
    }

    #[test]
    fn up_and_down_are_inverse(said in said(), at in 0_usize..5) {
        let lineage = sayings(&said).lineage();
        let window = match at {
            0 => Window::default(),
            days => Window::at(Time::from_seconds(1_793_404_800).plus_days(days as i64)),
        };
        for at_least in [Held::Possibly, Held::Certainly] {
            let along = Along { window, at_least, ..Along::impact() };
            let reach = |node, way| walk(&lineage, &[node], way, &along, Bounds::NONE, &GO).unwrap();
            let up: Vec<_> = lineage.nodes().map(|node| reach(node, Way::Up)).collect();
            for node in lineage.nodes() {
                let down = reach(node, Way::Down);
                for other in lineage.nodes() {
                    prop_assert_eq!(down.contains(other), up[other.index()].contains(node));
                }
                for (reached, distance) in down.reached() {
                    let path = &down.paths(&[reached])[&reached];
                    prop_assert_eq!(path.len() as u32, distance + 1);
                    for hop in path.windows(2) {
                        prop_assert!(lineage.between(hop[1], hop[0]).any(|link| along.admits(&link)));
                    }
                }
            }
        }
        prop_assert_eq!(lineage.nodes().map(|node| lineage.upstream_count(node)).sum::<usize>(), lineage.links());
        prop_assert!(lineage.nodes().all(|node| lineage.node(lineage.id(node)) == Some(node)));
        prop_assert!(lineage.all_aliases().all(|it| lineage.node(it.id) == Some(it.node)));
    }

    #[test]
    fn chosen_relations_lead_where_reading_every_link_leads(said in said(), many in 0_usize..300, at in 0_i64..5) {
        let mut it = sayings(&said);
        // beyond so many relations they have no code of their own
        for number in 0..many {
            let relation = if number % 3 == 0 { format!("used-{number}") } else { format!("other-{number}") };
            it.link(&id(number as u8), &relation, &id((number / 7) as u8));
        }
        let lineage = it.lineage();
        let chosen: fn(&str) -> bool = |word| word.starts_with("used") || word == "odd-one";
        let relations = lineage.choose(chosen);
        let state = Along::state(Time::from_seconds(1_793_404_800).plus_days(at));
        for along in [state, state.surely(), Along::impact(), Along { impact_only: false, ..state }] {
            for node in lineage.nodes() {
                let counts = |link: &crate::graph::LinkRef<'_>| chosen(link.relation) && along.admits(link);
                let up: Vec<_> = lineage.upstream(node).filter(counts).map(|link| link.to).collect();
                prop_assert_eq!(lineage.ends(node, Way::Up, &relations, &along).collect::<Vec<_>>(), up);
                let down: Vec<_> = lineage.downstream(node).filter(counts).map(|link| link.from).collect();
                prop_assert_eq!(lineage.ends(node, Way::Down, &relations, &along).collect::<Vec<_>>(), down);
                let any = lineage.upstream(node).any(|link| chosen(link.relation));
                prop_assert_eq!(lineage.has_any(node, &relations), any);
            }
        }
    }

    #[test]
    fn what_certainly_counts_also_possibly_counts(said in said()) {
        let lineage = sayings(&said).lineage();
        let window = Window { since: Some(Time::from_seconds(1_793_750_400)), until: None };
        for node in lineage.nodes() {
            let reach = |window, at_least| {
                let along = Along { window, at_least, ..Along::impact() };
                walk(&lineage, &[node], Way::Down, &along, Bounds::NONE, &GO).unwrap()
            };
            let (certain, possible) = (reach(window, Held::Certainly), reach(window, Held::Possibly));
            let ever = reach(Window::default(), Held::Possibly);
            prop_assert!(certain.reached().all(|(node, _)| possible.contains(node)));
            prop_assert!(possible.reached().all(|(node, _)| ever.contains(node)));
        }
    }
}

fn some_index() -> Vec<u8> {
    let said: Vec<Said> = (0..120_u8).map(|n| (n, n.wrapping_mul(7), n.wrapping_mul(13), n, (n, n / 3))).collect();
    sayings(&said).index()
}

#[test]
fn any_flipped_bit_is_noticed_or_harmless() {
    let sound = some_index();
    let expected = read_all(&Lineage::read(&sound).unwrap());
    let mut noticed = 0;
    for at in (0..sound.len()).step_by(3) {
        let mut damaged = sound.clone();
        damaged[at] ^= 1 << (at % 8);
        match Lineage::read(&damaged) {
            Err(_) => noticed += 1,
            // padding between sections
            Ok(lineage) => assert_eq!(read_all(&lineage), expected, "byte {at}"),
        }
    }
    assert!(noticed * 100 > sound.len() / 3 * 90, "{noticed}");
}

/// Somebody who can write the cache can also make its checksums match: still nothing may panic.
#[test]
fn a_forged_index_never_panics() {
    let sound = some_index();
    let mut accepted = 0;
    for at in (crate::graph::layout::PREAMBLE..sound.len()).step_by(2) {
        for value in [0xff, 0x00, 0x80] {
            let mut forged = sound.clone();
            forged[at] = value;
            if let Ok(lineage) = Lineage::read_unsummed(Bytes::owned(&forged)) {
                accepted += 1;
                read_all(&lineage);
            }
        }
    }
    assert!(accepted > 100);
}
