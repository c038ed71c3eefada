//! Six months of data arriving: partitions by date, their load runs, and the feature sets made from
//! them. It trains nothing.

use crate::demo::chance::{Chance, hex};
use crate::demo::names::{FEATURES, FEEDS, Feed, Rhythm, SYSTEMS};
use crate::demo::page::{Page, artefact, date, digest, moment, week, weekday};
use crate::demo::shelf::Shelf;
use crate::model::{Kind, Relation, Time};

/// Where the lake lies.
const LAKE: &str = "wasbs://lake@paymentsdata";

/// Tells of every feed, and puts each partition on the shelf under its feed's name.
pub(super) fn feeds(page: &mut Page, shelf: &mut Shelf) {
    for (name, owner) in SYSTEMS {
        page.artefact(artefact(Kind::Dataset, name, None, None, owner));
    }
    for feed in FEEDS {
        if feed.runs {
            let job = format!("load-{}", short(feed.name));
            page.artefact(artefact(Kind::Job, &job, None, Some(moment(0, 0)), feed.owner));
        }
        partitions(page, shelf, feed);
    }
}

fn short(name: &str) -> &str {
    name.rsplit('/').next().unwrap_or(name)
}

/// The days on which a feed delivers.
fn delivery_days(feed: &Feed, chance: &mut Chance) -> Vec<i64> {
    let (first, last) = feed.days;
    match feed.rhythm {
        Rhythm::Daily => (first..=last).collect(),
        Rhythm::Workdays => (first..=last).filter(|day| weekday(*day) < 5).collect(),
        Rhythm::Weekly(on) => (first..=last).filter(|day| weekday(*day) == on).collect(),
        Rhythm::About(gap) => {
            let mut days = Vec::new();
            let mut day = first;
            while day <= last {
                days.push(day);
                day += gap + chance.between(-gap / 4, gap / 4);
            }
            days
        }
    }
}

/// Deliveries that other files of the demo build on: they are never missed.
fn is_needed(feed: &Feed, day: i64) -> bool {
    matches!((feed.name, day), ("vendor-labels", 155 | 176) | ("lake/chargebacks", 180))
}

fn partitions(page: &mut Page, shelf: &mut Shelf, feed: &Feed) {
    let mut chance = Chance::of(feed.name);
    for day in delivery_days(feed, &mut chance) {
        let missed = match feed.name {
            "vendor-labels" => chance.one_in(19),
            "lake/chargebacks" => chance.one_in(31),
            _ => false,
        };
        if missed && !is_needed(feed, day) {
            continue;
        }
        let version = if feed.name.starts_with("labelworks/") { week(day) } else { date(day) };
        let late = if chance.one_in(14) { chance.between(35, 190) } else { chance.between(0, 17) };
        let landed = moment(day, (feed.lands + late) * 60 + chance.between(0, 59));
        partition(page, shelf, feed, &version, landed, &mut chance);
        if feed.runs && chance.one_in(34) && !is_needed(feed, day) {
            // loaded a second time, hours later, because the first load was short
            let again = Time::from_seconds(landed.seconds() + chance.between(5, 11) * 3_600);
            partition(page, shelf, feed, &format!("{version}-r2"), again, &mut chance);
        }
    }
}

fn partition(page: &mut Page, shelf: &mut Shelf, feed: &Feed, version: &str, landed: Time, chance: &mut Chance) {
    let mut it = artefact(Kind::Dataset, feed.name, Some(version), Some(landed), feed.owner);
    it.digests.push(digest(&it.id));
    let path = if feed.name == "vendor-labels" { "vendor/labels" } else { feed.name };
    if feed.name.starts_with("lake/") || feed.name == "vendor-labels" {
        // the second is what OpenLineage clients call it, so that their events and ours speak of one thing
        it.identifiers.push(format!("{LAKE}/{path}/dt={version}/"));
        it.identifiers.push(format!("ol:{LAKE}|{path}@{version}"));
    }
    let rows = feed.rows + chance.between(-feed.rows / 7, feed.rows / 6);
    it.attributes.insert("rows".to_owned(), rows.into());
    let id = it.id.clone();
    page.artefact(it);
    let source = if feed.from.is_empty() {
        None
    } else {
        Some(shelf.newest(feed.from, landed).unwrap_or_else(|| format!("dataset:{}", feed.from)))
    };
    if let Some(source) = &source {
        page.link(&id, Relation::DerivedFrom, source, landed);
    }
    if feed.runs {
        let started = Time::from_seconds(landed.seconds() - chance.between(150, 2_400));
        let job = format!("load-{}", short(feed.name));
        let mut run = artefact(Kind::Run, &format!("{job}/{version}"), None, Some(started), feed.owner);
        run.attributes.insert("state".to_owned(), "COMPLETE".into());
        run.attributes.insert("attempt".to_owned(), chance.pick(&[1_i64, 1, 1, 1, 2]).into());
        page.link(&run.id, Relation::InstanceOf, &format!("job:{job}"), started);
        page.link(&id, Relation::ProducedBy, &run.id, landed);
        if let Some(source) = &source {
            page.link(&run.id, Relation::Used, source, started);
        }
        page.artefact(run);
    }
    shelf.put(feed.name, landed, id);
}

/// Tells of every feature set before those the incident's files describe.
pub(super) fn feature_sets(page: &mut Page, shelf: &mut Shelf) {
    for (name, owner, versions, days, sources) in FEATURES {
        let mut chance = Chance::of(name);
        let mut before: Option<String> = None;
        let mut code: Option<String> = None;
        for (number, day) in (1..).zip(spread(*versions, *days, &mut chance)) {
            let at = moment(day, chance.between(9 * 3_600, 17 * 3_600));
            let mut it = artefact(Kind::FeatureSet, name, Some(&number.to_string()), Some(at), owner);
            it.digests.push(digest(&it.id));
            it.attributes.insert("columns".to_owned(), (40 + number * 3 + chance.between(-2, 4)).into());
            let id = it.id.clone();
            page.artefact(it);
            for source in *sources {
                if let Some(partition) = shelf.newest(source, at) {
                    page.link(&id, Relation::DerivedFrom, &partition, at);
                }
            }
            if let Some(before) = &before {
                page.link(&id, Relation::Supersedes, before, at);
            }
            if code.is_none() || !chance.one_in(4) {
                let written = Time::from_seconds(at.seconds() - chance.between(3_000, 70_000));
                code = Some(commit(page, "risk/feature-repo", &id, written, owner, &mut chance));
            }
            if let Some(code) = &code {
                page.link(&id, Relation::BuiltFrom, code, at);
            }
            before = Some(id.clone());
            shelf.put(name, at, id);
        }
    }
}

/// One commit, its id given back.
pub(super) fn commit(
    page: &mut Page,
    repository: &str,
    about: &str,
    at: Time,
    owner: &str,
    chance: &mut Chance,
) -> String {
    let hash = hex(&format!("{repository} {about}"), 40);
    let abbreviated = hash.get(..12).unwrap_or(&hash);
    let mut it = artefact(Kind::Code, short(repository), Some(abbreviated), Some(at), owner);
    it.identifiers.push(format!("git:{hash}"));
    it.attributes.insert("repository".to_owned(), format!("git.payments.example/{repository}").into());
    it.attributes.insert(
        "message".to_owned(),
        chance
            .pick(&[
                "retune after the monthly review",
                "drop a leaking column",
                "fix time zone of settlement dates",
                "raise test coverage of the loader",
                "handle missing merchant category",
                "pin seed",
                "split by merchant and not by row",
                "new calibration window",
                "clean up",
                "follow schema change of the lake",
            ])
            .into(),
    );
    let id = it.id.clone();
    page.artefact(it);
    page.link(&id, Relation::ChangedBy, &crate::demo::estate::author(owner, chance), at);
    id
}

/// `count` days between the two ends, each a little off the even step, each at least a day after the last.
pub(super) fn spread(count: i64, (first, last): (i64, i64), chance: &mut Chance) -> Vec<i64> {
    let step = (last - first) / (count - 1).max(1);
    let mut days = Vec::new();
    for index in 0..count {
        let even = first + (last - first) * index / (count - 1).max(1);
        let day = (even + chance.between(-step / 3, step / 3)).clamp(first, last);
        days.push(days.last().map_or(day, |before: &i64| day.max(before + 1)));
    }
    days
}
