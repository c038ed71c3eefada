//! People, service accounts, secrets, training environments and images: what everything else stands
//! on. The incident's own files describe those it names; these are the others.

use crate::demo::chance::Chance;
use crate::demo::lake::{commit, spread};
use crate::demo::names::{IMAGES, PACKAGES, PEOPLE, SECRETS};
use crate::demo::page::{Page, artefact, digest, moment};
use crate::demo::shelf::Shelf;
use crate::model::{Kind, Relation};
use std::collections::BTreeSet;

/// Service accounts that the incident's files describe.
const KNOWN_ACCOUNTS: &[&str] = &["lake-loader", "release-bot", "risk-trainer", "monitor"];

/// Who of a team writes its code.
pub(super) fn author(owner: &str, chance: &mut Chance) -> String {
    let team = owner.trim_start_matches("team:");
    let mates: Vec<&str> = PEOPLE.iter().filter(|(_, _, of)| *of == team).map(|(login, _, _)| *login).collect();
    let login = if mates.is_empty() { "e.lund" } else { chance.pick(&mates) };
    format!("person:{login}")
}

/// People, one more team, service accounts and their secrets.
pub(super) fn people_and_accounts(page: &mut Page) {
    let mut treasury = artefact(Kind::Identity, "treasury", None, None, "");
    treasury.id = "team:treasury".to_owned();
    treasury.owner = None;
    treasury.attributes.insert("type".to_owned(), "team".into());
    page.artefact(treasury);
    for (login, full_name, team) in PEOPLE {
        let mut it = artefact(Kind::Identity, login, None, None, &format!("team:{team}"));
        it.id = format!("person:{login}");
        it.attributes.insert("type".to_owned(), "person".into());
        it.attributes.insert("full_name".to_owned(), (*full_name).into());
        page.artefact(it);
    }
    let mut chance = Chance::of("secrets");
    let mut described: BTreeSet<&str> = KNOWN_ACCOUNTS.iter().copied().collect();
    for (path, account, owner) in SECRETS {
        let at = moment(chance.between(0, 20), chance.between(30_000, 60_000));
        let mut it = artefact(Kind::Secret, path, None, Some(at), owner);
        it.attributes.insert("rotation_days".to_owned(), chance.pick(&[30_i64, 60, 90, 90]).into());
        let name = format!("sa/{account}");
        if described.insert(account) {
            let mut holder = artefact(Kind::Identity, &name, None, None, owner);
            holder.attributes.insert("type".to_owned(), "service-account".into());
            page.artefact(holder);
        }
        page.link(&format!("identity:{name}"), Relation::AuthenticatesWith, &it.id, at);
        page.artefact(it);
    }
}

/// Locked training environments with their packages. `risk-train@14` and later are the incident's.
pub(super) fn environments(page: &mut Page, shelf: &mut Shelf) {
    let mut described = BTreeSet::new();
    for (name, versions, days) in [("risk-train", 13, (0, 121)), ("nlp-train", 9, (1, 158))] {
        let mut chance = Chance::of(name);
        let packages: Vec<_> = PACKAGES.iter().filter(|(of, _, _)| *of == name).collect();
        let mut release = vec![0_usize; packages.len()];
        for (number, day) in (1..).zip(spread(versions, days, &mut chance)) {
            let at = moment(day, if day < 3 { 600 } else { chance.between(32_000, 61_000) });
            let mut it = artefact(Kind::Environment, name, Some(&number.to_string()), Some(at), "team:ml-platform");
            it.digests.push(digest(&it.id));
            it.attributes.insert("lockfile".to_owned(), "uv.lock".into());
            let id = it.id.clone();
            page.artefact(it);
            for ((_, package, releases), current) in packages.iter().zip(&mut release) {
                if number > 1 && chance.one_in(5) && *current + 1 < releases.len() {
                    *current += 1;
                }
                let version = releases.get(*current).copied().unwrap_or_default();
                let mut it = artefact(Kind::Package, &format!("pypi/{package}"), Some(version), None, "");
                it.owner = None;
                it.digests.push(digest(&it.id));
                it.identifiers.push(format!("pkg:pypi/{package}@{version}"));
                page.link(&id, Relation::Contains, &it.id, at);
                if described.insert(it.id.clone()) {
                    page.artefact(it);
                }
            }
            shelf.put(name, at, id);
        }
    }
}

/// Service images, each built from a commit.
pub(super) fn images(page: &mut Page, shelf: &mut Shelf) {
    for (name, owner, (minor, releases), days) in IMAGES {
        let mut chance = Chance::of(name);
        let (mut minor, mut patch) = (*minor, 0);
        let major = if *name == "risk-scorer" { 2 } else { 1 };
        for day in spread(*releases, *days, &mut chance) {
            let at = moment(day, chance.between(31_000, 63_000));
            let version = format!("{major}.{minor}.{patch}");
            let mut it = artefact(Kind::Image, name, Some(&version), Some(at), owner);
            it.digests.push(digest(&it.id));
            it.identifiers.push(format!("oci:registry.payments.example/{name}:{version}"));
            let id = it.id.clone();
            page.artefact(it);
            let written = moment(day, chance.between(20_000, 30_000));
            let code = commit(page, &format!("platform/{name}-service"), &id, written, owner, &mut chance);
            page.link(&id, Relation::BuiltFrom, &code, at);
            shelf.put(name, at, id);
            if minor < 29 && !chance.one_in(3) {
                (minor, patch) = (minor + 1, 0);
            } else {
                patch += 1;
            }
        }
    }
}
