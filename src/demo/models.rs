//! Six months of training: runs, versions, evaluations, approvals, and deployments that move from
//! version to version. Versions that the incident is about are told in its own files.

use crate::demo::chance::Chance;
use crate::demo::estate::author;
use crate::demo::lake::{commit, spread};
use crate::demo::model_lines::{MODELS, ModelLine};
use crate::demo::page::{Page, artefact, date, digest, evidence, moment, weekday};
use crate::demo::shelf::Shelf;
use crate::model::{Artefact, Kind, Link, Relation, Statement, Time};

/// A version that may be deployed.
struct Released {
    id: String,
    name: String,
    at: Time,
    day: i64,
    passed: bool,
}

/// Tells of every line of models.
pub(super) fn lines(page: &mut Page, shelf: &mut Shelf) {
    for (name, version, from) in
        [("minilm-base", "6", "microsoft/MiniLM-L12-H384-uncased"), ("docformer-base", "2", "shabie/docformer-base")]
    {
        let mut it = artefact(Kind::ModelVersion, name, Some(version), Some(moment(0, 0)), "team:ml-platform");
        it.digests.push(digest(&it.id));
        it.attributes.insert("origin".to_owned(), format!("https://huggingface.co/{from}").into());
        it.attributes.insert("licence".to_owned(), "mit".into());
        page.artefact(it);
    }
    for line in MODELS {
        if !line.told_elsewhere {
            let mut model = artefact(Kind::Model, line.name, None, None, line.owner);
            model.risk = Some(line.risk.to_owned());
            page.artefact(model);
            let job = artefact(Kind::Job, &format!("train-{}", line.name), None, Some(moment(0, 28_800)), line.owner);
            page.artefact(job);
        }
        let mut chance = Chance::of(line.name);
        let released = versions(page, shelf, line, &mut chance);
        for (place, handover) in line.places {
            deployment(page, shelf, line, place, *handover, &released, &mut chance);
        }
    }
}

fn versions(page: &mut Page, shelf: &Shelf, line: &ModelLine, chance: &mut Chance) -> Vec<Released> {
    let mut released = Vec::new();
    let mut code: Option<String> = None;
    for (number, day) in (1..).zip(spread(line.versions, line.days, chance)) {
        let started = moment(day, chance.between(3 * 3_600 + 900, 8 * 3_600));
        let registered = Time::from_seconds(started.seconds() + chance.between(1_900, 7_700));
        let label = format!("{}@{number}", line.name);
        if code.is_none() || !chance.one_in(3) {
            let written = Time::from_seconds(started.seconds() - chance.between(20_000, 90_000));
            code = Some(commit(page, line.repository, &label, written, line.owner, chance));
        }
        let inputs = taken_in(shelf, line, started);
        if chance.one_in(8) {
            let failed = Time::from_seconds(started.seconds() - chance.between(2_000, 9_000));
            let name = format!("train-{}/{}-a", line.name, date(day));
            run(page, line, &name, failed, "FAIL", &taken_in(shelf, line, failed));
        }
        let name = format!("train-{}/{}", line.name, date(day));
        let run = run(page, line, &name, started, "COMPLETE", &inputs);
        let mut it = artefact(Kind::ModelVersion, line.name, Some(&number.to_string()), Some(registered), line.owner);
        it.risk = Some(line.risk.to_owned());
        it.digests.push(digest(&it.id));
        it.identifiers.push(format!("models:/{}/{number}", line.name));
        let value = measures(line, &mut it, chance);
        let id = it.id.clone();
        page.artefact(it);
        page.link(&id, Relation::VersionOf, &format!("model:{}", line.name), registered);
        page.link(&id, Relation::ProducedBy, &run, registered);
        for (relation, input) in inputs.iter().filter(|(relation, _)| *relation != Relation::Used) {
            page.link(&id, relation.clone(), input, registered);
        }
        if let Some(code) = &code {
            page.link(&id, Relation::BuiltFrom, code, registered);
        }
        if number > 1 {
            page.link(&id, Relation::Supersedes, &format!("model-version:{}@{}", line.name, number - 1), registered);
        }
        let passed = !chance.one_in(11);
        judge(page, line, &id, registered, passed, value, chance);
        released.push(Released { id, name: label, at: registered, day, passed });
    }
    released
}

/// What a training that starts now takes in: by `trained-on` and `fine-tuned-from` into the version,
/// and the environment by `used` into the run alone.
fn taken_in(shelf: &Shelf, line: &ModelLine, at: Time) -> Vec<(Relation, String)> {
    let mut inputs = Vec::new();
    for name in line.data.iter().copied().chain(std::iter::once(line.features)) {
        if let Some(id) = shelf.newest(name, at) {
            inputs.push((Relation::TrainedOn, id));
        }
    }
    if !line.base.is_empty() {
        inputs.push((Relation::FineTunedFrom, line.base.to_owned()));
    }
    if let Some(id) = shelf.newest(line.environment, at) {
        inputs.push((Relation::Used, id));
    }
    inputs
}

fn run(
    page: &mut Page,
    line: &ModelLine,
    name: &str,
    started: Time,
    state: &str,
    inputs: &[(Relation, String)],
) -> String {
    let mut it = artefact(Kind::Run, name, None, Some(started), line.owner);
    it.attributes.insert("state".to_owned(), state.into());
    let id = it.id.clone();
    page.artefact(it);
    page.link(&id, Relation::InstanceOf, &format!("job:train-{}", line.name), started);
    page.link(&id, Relation::RunsAs, "identity:sa/risk-trainer", started);
    for (_, input) in inputs {
        page.link(&id, Relation::Used, input, started);
    }
    id
}

/// Parameters and the line's metric; the metric's value is given back.
fn measures(line: &ModelLine, it: &mut Artefact, chance: &mut Chance) -> f64 {
    for (key, choices) in line.params {
        it.attributes.insert(format!("param.{key}"), chance.pick(choices).into());
    }
    let (metric, middle) = line.metric;
    let value = chance.around(middle, middle * 0.008, 4);
    it.attributes.insert(format!("metric.{metric}"), value.into());
    value
}

fn judge(page: &mut Page, line: &ModelLine, id: &str, at: Time, passed: bool, value: f64, chance: &mut Chance) {
    let after = |low, high, chance: &mut Chance| Time::from_seconds(at.seconds() + chance.between(low, high));
    let mut evaluation = evidence(id, "evaluation", "holdout", "identity:sa/risk-trainer", after(900, 6_000, chance));
    evaluation.verdict = Some(if passed { "pass" } else { "fail" }.to_owned());
    evaluation.attributes.insert("metric".to_owned(), line.metric.0.into());
    evaluation.attributes.insert("value".to_owned(), value.into());
    page.evidence(evaluation);
    if !passed || line.risk == "low" {
        return;
    }
    let by = chance.pick(&["person:h.moreau", "person:z.kowalska", "person:h.moreau"]);
    let mut approval = evidence(id, "approval", "model-risk-review", by, after(7_000, 22_000, chance));
    approval.covers.push(digest(id));
    approval.expires = Some(approval.at.plus_days(365));
    approval.refs.push(format!("https://grc.payments.example/reviews/MR-{}", 700 + chance.between(0, 480)));
    page.evidence(approval);
}

/// One deployment and the versions it served, one after the other, until it hands over.
fn deployment(
    page: &mut Page,
    shelf: &Shelf,
    line: &ModelLine,
    place: &str,
    handover: Option<(i64, i64)>,
    released: &[Released],
    chance: &mut Chance,
) {
    let id = format!("deployment:{}/{place}", line.name);
    let end = handover.map(|(day, seconds)| moment(day, seconds));
    let mut served: Vec<(Time, &Released)> = Vec::new();
    for version in released {
        let staging = place == "staging";
        if !staging && (!version.passed || (served.len() > 1 && chance.one_in(3))) {
            continue;
        }
        let at = if staging {
            Time::from_seconds(version.at.seconds() + chance.between(1_200, 9_000))
        } else {
            rollout(version, chance)
        };
        let late = end.unwrap_or(moment(182, 43_200));
        if at < late && served.last().is_none_or(|(before, _)| *before < at) {
            served.push((at, version));
        }
    }
    for (index, (since, version)) in served.iter().enumerate() {
        let mut link = Link::new(id.as_str(), Relation::Deploys, version.id.as_str());
        link.since = Some(*since);
        link.until = served.get(index + 1).map(|(next, _)| *next).or(end);
        let by = author(line.owner, chance);
        let who = if place == "staging" { "identity:sa/release-bot" } else { by.as_str() };
        link.attributes.insert("by".to_owned(), who.into());
        if place != "staging" {
            let ticket = 38_000 + since.seconds() % 86_400_000 / 40_000 + chance.between(0, 9);
            link.attributes.insert("change".to_owned(), format!("CHG-{ticket}").into());
        }
        page.say(Statement::Link(link));
    }
    if line.told_elsewhere {
        return;
    }
    let Some((first, _)) = served.first() else { return };
    let created = Time::from_seconds(first.seconds() - chance.between(3_000, 80_000));
    let mut it = artefact(Kind::Deployment, &format!("{}/{place}", line.name), None, Some(created), line.owner);
    it.environment = Some(place.to_owned());
    it.risk = Some(line.risk.to_owned());
    if let Some((_, current)) = served.last() {
        it.digests.push(digest(&current.id));
        it.attributes.insert("serves".to_owned(), current.name.as_str().into());
    }
    page.artefact(it);
    images_of(page, shelf, line, &id, *first, chance);
    if place != "staging" {
        endpoint(page, line, place, created);
    }
}

/// In the working hours of one of the next days; never on a weekend.
fn rollout(version: &Released, chance: &mut Chance) -> Time {
    let mut day = version.day + chance.between(1, 3);
    while weekday(day) > 4 {
        day += 1;
    }
    moment(day, chance.between(8 * 3_600 + 1_800, 16 * 3_600))
}

fn images_of(page: &mut Page, shelf: &Shelf, line: &ModelLine, deployment: &str, first: Time, chance: &mut Chance) {
    let mut since = first;
    let mut current = shelf.newest(line.image, first);
    for (built, image) in shelf.all(line.image) {
        if *built <= first || chance.one_in(3) {
            continue;
        }
        let rolled = Time::from_seconds(built.seconds() + chance.between(40_000, 260_000));
        if let Some(before) = current.filter(|_| rolled > since) {
            page.link_until(deployment, Relation::Contains, &before, since, Some(rolled));
        }
        (since, current) = (rolled.max(since), Some(image.clone()));
    }
    if let Some(last) = current {
        page.link(deployment, Relation::Contains, &last, since);
    }
}

fn endpoint(page: &mut Page, line: &ModelLine, place: &str, created: Time) {
    let region = place.trim_start_matches("prod-");
    let mut it = artefact(Kind::Endpoint, &format!("{}/{region}", line.name), None, Some(created), line.owner);
    it.environment = Some(place.to_owned());
    it.identifiers.push(format!("https://{}.{region}.payments.example/v1", line.name));
    page.link(&it.id, Relation::Serves, &format!("deployment:{}/{place}", line.name), created);
    page.artefact(it);
}
