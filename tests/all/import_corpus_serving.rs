//! Real files of approvals, clusters and the hub, kept outside the project, and what each must give.
//! It skips, and says so, where there are none.

#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout, reason = "helpers of tests fail as tests do")]

use crate::import_corpus::corpus_of;
use crate::import_streams::{Imported, import};
use lastgood::import::{Framing, importer, read_record};
use lastgood::model::{Evidence, Relation, Statement};
use std::path::{Path, PathBuf};

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found.sort();
    found
}

fn read(file: &Path) -> Imported {
    import(std::fs::File::open(file).unwrap()).unwrap_or_else(|unknown| panic!("{}: {unknown}", file.display()))
}

fn evidence(imported: &Imported) -> Vec<&Evidence> {
    let evidence = imported.claims().filter_map(|claim| match claim {
        Statement::Evidence(evidence) => Some(evidence),
        _ => None,
    });
    evidence.collect()
}

fn links<'i>(imported: &'i Imported, relation: &Relation) -> Vec<&'i str> {
    let links = imported.claims().filter_map(|claim| match claim {
        Statement::Link(link) if link.relation == *relation => Some(link.to.as_str()),
        _ => None,
    });
    links.collect()
}

#[test]
fn every_webhook_is_read() {
    let Some(corpus) = corpus_of("ci-approvals") else { return };
    let files = files(&corpus);
    for file in &files {
        let imported = read(file);
        assert_eq!((imported.format, imported.reasons()), ("github", Vec::new()), "{}", file.display());
        assert!(imported.claims().count() > 0, "{}", file.display());
    }
    println!("github: {} files, {} as expected, 0 not", files.len(), files.len());
}

#[test]
fn a_request_is_no_approval_and_neither_is_a_comment() {
    let Some(corpus) = corpus_of("ci-approvals") else { return };
    let webhooks = corpus.join("github-webhooks");
    let requested = read(&webhooks.join("deployment_review/requested.payload.json"));
    let said = evidence(&requested);
    let [request] = said.as_slice() else { panic!("{said:?}") };
    assert_eq!((request.kind.as_str(), request.scope.as_deref()), ("approval-request", Some("TST")));
    assert!(request.about.ends_with("@5275a45b7e99c7fd7265b790392c10a74101a67a"));
    assert_eq!(request.by.as_deref(), Some("github:user/ilmax"));
    assert!(request.attributes["of"][0].as_str().unwrap().starts_with("github:team/"));
    let submitted = read(&webhooks.join("pull_request_review/submitted.payload.json"));
    assert!(evidence(&submitted).iter().all(|it| it.kind == "review"), "{:?}", evidence(&submitted));
    let dismissed = read(&webhooks.join("pull_request_review/dismissed.payload.json"));
    let said: Vec<_> = evidence(&dismissed).iter().map(|it| (it.kind.clone(), it.verdict.clone())).collect();
    assert_eq!(said, [("approval".to_owned(), Some("rejected".to_owned()))]);
}

/// Manifests with an image that was never filled in, which makes them no YAML.
const TEMPLATES: [&str; 7] = [
    "torchserve/autoscale.yaml",
    "torchserve/bert-sample/bert.yaml",
    "torchserve/canary.yaml",
    "torchserve/gpu.yaml",
    "logger/torchserve-logger.yaml",
    "torchserve/metrics.yaml",
    "torchserve/torchserve-custom.yaml",
];

#[test]
fn every_manifest_is_read_or_refused_as_stated() {
    let Some(corpus) = corpus_of("kserve") else { return };
    let files = files(&corpus);
    let mut services = 0;
    for file in &files {
        let imported = read(file);
        assert_eq!(imported.format, "kubernetes", "{}", file.display());
        let name = file.display().to_string();
        if TEMPLATES.iter().any(|template| name.ends_with(template)) {
            assert_eq!(imported.reasons().len(), 1, "{name}");
            assert!(imported.reasons()[0].contains("line "), "{name}: {:?}", imported.reasons());
            continue;
        }
        assert_eq!(imported.reasons(), Vec::<String>::new(), "{name}");
        let service = std::fs::read_to_string(file).unwrap().contains("InferenceService");
        if service {
            services += 1;
            assert!(!links(&imported, &Relation::Deploys).is_empty(), "{name}");
        }
    }
    println!("kubernetes: {} files ({services} services), {} as expected, 0 not", files.len(), files.len());
}

#[test]
fn models_images_and_secrets_of_manifests_are_named() {
    let Some(corpus) = corpus_of("kserve") else { return };
    let hub = read(&corpus.join("kserve-storage-explain/storage/hf/hf_isvc.yaml"));
    assert_eq!(links(&hub, &Relation::Deploys), ["model:hf/meta-llama/llama-2-7b-chat-hf"]);
    assert_eq!(links(&hub, &Relation::RunsAs), ["identity:k8s/default/sa/hfserviceacc"]);
    let stored = read(&corpus.join("kserve-storage-explain/storage/storageSpec/sklearn_storagespec.yaml"));
    assert_eq!(links(&stored, &Relation::AuthenticatesWith), ["secret:k8s/default/storage-config/localMinIO"]);
    let job = read(&corpus.join("model-registry-jobs/jobs/async-upload/samples/sample_job_s3_to_oci.yaml"));
    let secrets = ["secret:k8s/default/my-s3-credentials", "secret:k8s/default/my-oci-credentials"];
    assert_eq!(links(&job, &Relation::AuthenticatesWith)[..2], secrets);
}

#[test]
fn cards_say_what_the_hub_reads_from_them() {
    let Some(corpus) = corpus_of("hf-cards") else { return };
    let fixtures = corpus.join("hub-fixtures");
    let indexed = read(&fixtures.join("sample_simple_model_index.md"));
    let measured: Vec<_> = indexed
        .claims()
        .filter_map(|claim| match claim {
            Statement::Link(link) if link.relation == Relation::EvaluatedOn => Some((
                link.to.clone(),
                link.attributes.get("metric.accuracy").or(link.attributes.get("metric.f1")).cloned(),
            )),
            _ => None,
        })
        .collect();
    assert_eq!(measured.len(), 2);
    assert_eq!(measured[0], ("dataset:hf/beans".to_owned(), Some(0.9.into())));
    assert!(measured[1].0.starts_with("dataset:hf/beans@5503434d") && measured[1].1 == Some(0.66.into()));
    let invalid = read(&fixtures.join("sample_invalid_model_index.md"));
    assert_eq!(links(&invalid, &Relation::EvaluatedOn), Vec::<&str>::new());
    assert_eq!(links(&invalid, &Relation::TrainedOn), ["dataset:hf/beans"]);
    assert!(invalid.warnings().iter().any(|text| text.contains("/model-index/0/results/0: \"dataset\"")));
    // Text without front matter is any text: it is read when its format is named, and claimed by nobody.
    let bare = std::fs::read(fixtures.join("sample_no_metadata.md")).unwrap();
    assert!(import(bare.as_slice()).is_err());
    let named = read_record(importer("huggingface").unwrap(), &bare, Framing::Whole);
    assert!(named.rejected.is_empty() && named.warnings.iter().any(|it| it.text.contains("without front matter")));
}

#[test]
fn every_real_card_is_read_and_its_template_is_not() {
    let Some(corpus) = corpus_of("hf-cards") else { return };
    let cards = files(&corpus.join("datasets-2.4-cards"));
    for file in &cards {
        let imported = read(file);
        assert_eq!((imported.format, imported.reasons()), ("huggingface", Vec::new()), "{}", file.display());
        let first = imported.claims().next().unwrap();
        assert!(first.about().unwrap().starts_with("dataset:hf/unknown/"), "{}: {first:?}", file.display());
    }
    for name in ["modelcard.md", "datasetcard.md"] {
        let imported = read(&corpus.join("hub-docs-spec").join(name));
        assert_eq!((imported.claims().count(), imported.reasons().len()), (0, 1), "{name}");
    }
    println!(
        "huggingface: {} files, {} as expected, 1 only when named: text without front matter",
        cards.len() + 7,
        cards.len() + 6
    );
}

/// Gives a header, and fails the test when anybody reads far beyond it.
struct HeadOnly {
    header: std::io::Cursor<Vec<u8>>,
    left: u64,
}

impl std::io::Read for HeadOnly {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        match self.header.read(buffer)? {
            0 => {
                let got = buffer.len() as u64;
                self.left = self.left.checked_sub(got).expect("the weights were read");
                buffer.fill(0x5a);
                Ok(buffer.len())
            }
            got => Ok(got),
        }
    }
}

#[test]
fn weights_are_read_at_their_head_only() {
    let json = r#"{"w":{"dtype":"F32","shape":[1250000000],"data_offsets":[0,5000000000]}}"#;
    let mut header = (json.len() as u64).to_le_bytes().to_vec();
    header.extend_from_slice(json.as_bytes());
    let imported = import(HeadOnly { header: std::io::Cursor::new(header), left: 1 << 20 }).unwrap();
    assert_eq!((imported.format, imported.framing), ("safetensors", Framing::Head));
    assert_eq!(imported.records[0].0.content.len(), json.len() + 8);
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/gguf/refund.gguf");
    let header = std::fs::read(golden).unwrap();
    let imported = import(HeadOnly { header: std::io::Cursor::new(header.clone()), left: 1 << 20 }).unwrap();
    assert_eq!((imported.format, imported.reasons()), ("gguf", Vec::new()));
    assert!(imported.records[0].0.content.len() < header.len());
}
