//! Where each format carries values: documents with places for secrets. A place `@T@` takes a text, `@A@` a
//! secret alone, `@N@` and `@V@` a name and its value. The encoder of a document says how texts are written in it.

use super::shapes::Canary;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// How a text stands in a document.
#[derive(Clone, Copy)]
pub(crate) enum Way {
    /// Between the quotation marks of JSON (and of YAML).
    Json,
    /// Between the quotation marks of JSON that is itself a string of JSON.
    Nested,
    /// Between tags or in an attribute of XML.
    Xml,
    /// As it is.
    Plain,
    /// As it is, its further lines indented by so many blanks.
    Block(usize),
    /// The whole document is JSON, and the payload of a signed envelope.
    Envelope,
    /// The document is the JSON of the header of a safetensors file.
    Safetensors,
    /// The document is the text of one field of a GGUF file's header.
    Gguf,
    /// The document is one attribute's value in a span in protobuf.
    Protobuf,
}

/// Format, way, document.
pub(crate) const PLANTERS: &[(&str, Way, &str)] = &[
    (
        "lineage",
        Way::Json,
        r#"{"type":"artefact","id":"deployment:a","kind":"deployment","attributes":{"env.@N@":"@V@","@N@":"@V@","note":"@T@","list":["@T@"]}}
{"type":"evidence","about":"deployment:a","kind":"scan","at":"2026-11-18T09:00:00Z","attributes":{"detail":"@T@"},"refs":["@T@"]}"#,
    ),
    (
        "openlineage",
        Way::Json,
        r#"{"eventTime":"2026-11-18T09:00:00Z","eventType":"COMPLETE","producer":"https://p","schemaURL":"https://openlineage.io/spec/2-0-2/OpenLineage.json","run":{"runId":"3f2a7d1e-0000-4000-8000-000000000001","facets":{"environmentVariables":{"environmentVariables":[{"name":"@N@","value":"@V@"},{"value":"@V@","name":"@N@"}]},"errorMessage":{"message":"@T@","stackTrace":"@T@"}}},"job":{"namespace":"n","name":"j","facets":{"sql":{"query":"@T@"}}},"inputs":[{"namespace":"s3://b","name":"x","facets":{"dataSource":{"uri":"@T@"}}}]}"#,
    ),
    (
        "gitleaks",
        Way::Json,
        r#"[{"RuleID":"generic","Description":"d","StartLine":7,"Match":"@T@","Secret":"@A@","File":"a.py","Commit":"1111111111aaaaaaaaaa2222222222bbbbbbbbbb","Author":"Ada","Email":"ada@acme.example","Date":"2026-11-16T21:14:00Z","Message":"@T@","Tags":[],"Fingerprint":"f"}]"#,
    ),
    (
        "trufflehog",
        Way::Json,
        r#"{"SourceMetadata":{"Data":{"Git":{"commit":"1111111111aaaaaaaaaa2222222222bbbbbbbbbb","file":"a.py","timestamp":"2026-11-16 22:14:00 +0100","line":7}}},"SourceName":"git","DetectorName":"X","DecoderName":"PLAIN","Verified":true,"Raw":"@A@","RawV2":"@A@","Redacted":"","ExtraData":{"@N@":"@V@","note":"@T@"}}"#,
    ),
    (
        "detect-secrets",
        Way::Json,
        r#"{"version":"1.5.0","plugins_used":[{"name":"A"}],"filters_used":[{"path":"@T@"}],"results":{"a.yml":[{"type":"Secret Keyword","filename":"a.yml","hashed_secret":"da39a3ee5e6b4b0d3255bfef95601890afd80709","note":"@T@","is_verified":false,"line_number":10}]},"generated_at":"2026-11-17T00:00:00Z"}"#,
    ),
    (
        "github-secrets",
        Way::Json,
        r#"[{"number":8,"created_at":"2026-11-16T22:14:10Z","html_url":"https://github.com/acme/refund/security/secret-scanning/8","state":"open","secret_type":"t","secret":"@A@","resolution_comment":"@T@","validity":"active"}]"#,
    ),
    (
        "gitlab-secrets",
        Way::Json,
        r#"{"version":"15.1.4","vulnerabilities":[{"id":"a1","category":"secret_detection","name":"n","description":"@T@","severity":"Critical","raw_source_code_extract":"@A@","location":{"file":"a.py","start_line":7,"commit":{"date":"2026-11-16T21:14:00Z","sha":"1111111111aaaaaaaaaa2222222222bbbbbbbbbb"}},"identifiers":[]}],"scan":{"type":"secret_detection","status":"success","start_time":"2026-11-17T00:00:00","scanner":{"id":"gitleaks","name":"Gitleaks"}}}"#,
    ),
    (
        "cloudtrail",
        Way::Json,
        r#"{"Records":[
{"eventVersion":"1.08","userIdentity":{"type":"IAMUser","arn":"arn:aws:iam::111122223333:user/ada","userName":"ada"},"eventTime":"2026-11-17T08:00:00Z","eventSource":"lambda.amazonaws.com","eventName":"UpdateFunctionConfiguration","requestParameters":{"environment":{"variables":{"@N@":"@V@"}},"description":"@T@"},"errorMessage":"@T@","eventID":"e1","eventType":"AwsApiCall"}]}"#,
    ),
    (
        "kubernetes-audit",
        Way::Json,
        r#"{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"RequestResponse","auditID":"k1","stage":"ResponseComplete","requestURI":"/api/v1/x?note=@T@","verb":"create","user":{"username":"ops"},"objectRef":{"resource":"secrets","namespace":"p","name":"r","apiVersion":"v1"},"requestObject":{"apiVersion":"v1","data":{"plain-name":"@A@"},"stringData":{"other":"@A@"},"kind":"Secret","metadata":{"annotations":{"note":"@T@"}}},"responseStatus":{"code":200},"requestReceivedTimestamp":"2026-11-17T08:00:00Z","stageTimestamp":"2026-11-17T08:00:00Z"}"#,
    ),
    (
        "vault-audit",
        Way::Json,
        r#"{"time":"2026-11-17T08:00:00Z","type":"request","auth":{"client_token":"hmac-sha256:aa11","display_name":"d","policies":["p"],"metadata":{"@N@":"@V@"},"entity_id":"e"},"request":{"id":"r-1","operation":"update","mount_type":"kv","path":"kv/data/x","data":{"@N@":"@V@"},"headers":{"authorization":["@T@"]}},"error":"@T@"}"#,
    ),
    (
        "ocsf",
        Way::Json,
        r#"{"activity_id":2,"actor":{"user":{"name":"refund","uid":"u"}},"api":{"operation":"Op","service":{"name":"s"}},"category_uid":6,"class_uid":6003,"metadata":{"uid":"e1","version":"1.1.0"},"status_id":1,"status_detail":"@T@","time":1794902400000,"unmapped":{"@N@":"@V@","note":"@T@"},"http_request":{"http_headers":[{"name":"@N@","value":"@V@"}]}}"#,
    ),
    (
        "github-audit",
        Way::Json,
        r#"[{"action":"org.update","_document_id":"m-1","actor":"ada","org":"acme","@timestamp":1794902400000,"note":"@T@","config":{"@N@":"@V@"},"url":"@T@"}]"#,
    ),
    (
        "chainloop-audit",
        Way::Json,
        r#"{"ActionType":"APITokenCreated","TargetType":"APIToken","TargetID":"2089bb36-0000-0000-0000-000000000001","ActorType":"USER","ActorID":"1089bb36-0000-0000-0000-000000000002","OrgID":"3","Description":"@T@","Info":{"@N@":"@V@","note":"@T@"},"Digest":"sha256:00ff"}"#,
    ),
    (
        "sarif",
        Way::Json,
        r#"{"version":"2.1.0","runs":[{"tool":{"driver":{"name":"lint","rules":[]}},"invocations":[{"executionSuccessful":true,"endTimeUtc":"2026-11-17T08:00:00Z","commandLine":"@T@","environmentVariables":{"@N@":"@V@"}}],"results":[{"ruleId":"R1","message":{"text":"@T@"},"locations":[{"physicalLocation":{"region":{"snippet":{"text":"@T@"}}}}]}]}]}"#,
    ),
    (
        "openvex",
        Way::Json,
        r#"{"@context":"https://openvex.dev/ns/v0.2.0","@id":"https://acme.example/vex/1","author":"s@acme.example","timestamp":"2026-11-17T08:00:00Z","version":1,"statements":[{"vulnerability":{"name":"CVE-2026-0001"},"products":[{"@id":"pkg:pypi/torch@2.9.0"}],"status":"affected","action_statement":"@T@","status_notes":"@T@"}]}"#,
    ),
    (
        "junit",
        Way::Xml,
        r#"<?xml version="1.0"?><testsuites name="r"><testsuite name="s" timestamp="2026-11-17T08:00:00Z"><properties><property name="@N@" value="@V@"/></properties><testcase name="a" classname="c"><failure message="m">@T@</failure><system-out>@T@</system-out></testcase></testsuite></testsuites>"#,
    ),
    (
        "identity-inventory",
        Way::Json,
        r#"[{"name":"sa/refund","type":"service-account","owner":"team:payments","last_rotated":"2026-06-01","rotation_days":90,"note":"@T@","@N@":"@V@"}]"#,
    ),
    (
        "cyclonedx",
        Way::Json,
        r#"{"bomFormat":"CycloneDX","specVersion":"1.6","serialNumber":"urn:uuid:0b5c1b0e-1111-4222-8333-444455556666","version":1,"metadata":{"timestamp":"2026-11-18T09:00:00Z","component":{"bom-ref":"a","type":"application","name":"a","version":"1","properties":[{"name":"@N@","value":"@V@"}],"description":"@T@"}},"formulation":[{"workflows":[{"bom-ref":"w","uid":"w","taskTypes":["build"],"steps":[{"commands":[{"executed":"@T@"}]}],"inputs":[{"environmentVars":[{"name":"@N@","value":"@V@"},"@T@"]}]}]}]}"#,
    ),
    (
        "cyclonedx",
        Way::Xml,
        r#"<?xml version="1.0"?><bom xmlns="http://cyclonedx.org/schema/bom/1.5" serialNumber="urn:uuid:0b5c1b0e-1111-4222-8333-444455556667" version="1"><metadata><timestamp>2026-11-18T09:00:00Z</timestamp><component type="application" bom-ref="a"><name>a</name><version>1</version><description>@T@</description><properties><property name="@N@">@V@</property></properties></component></metadata></bom>"#,
    ),
    (
        "spdx",
        Way::Json,
        r#"{"spdxVersion":"SPDX-2.3","SPDXID":"SPDXRef-DOCUMENT","name":"s","dataLicense":"CC0-1.0","documentNamespace":"https://n.example/spdx/1","creationInfo":{"created":"2026-11-18T09:00:00Z","creators":["Tool: b"]},"documentDescribes":["SPDXRef-s"],"packages":[{"SPDXID":"SPDXRef-s","name":"s","versionInfo":"1","downloadLocation":"@T@","comment":"@T@","sourceInfo":"@T@"}]}"#,
    ),
    (
        "spdx",
        Way::Plain,
        "SPDXVersion: SPDX-2.3\nDataLicense: CC0-1.0\nSPDXID: SPDXRef-DOCUMENT\nDocumentName: s\nDocumentNamespace: https://n.example/spdx/2\nCreator: Tool: b\nCreated: 2026-11-18T09:00:00Z\n\nPackageName: s\nSPDXID: SPDXRef-s\nPackageVersion: 1\nPackageDownloadLocation: NOASSERTION\nPackageComment: <text>@T@</text>\n",
    ),
    (
        "attestation",
        Way::Json,
        r#"{"_type":"https://in-toto.io/Statement/v1","subject":[{"name":"a","digest":{"sha256":"c528cab03ad47ed5fceb01fd4f4557f12d8f2bcb2aa9f6e78087380aab8fde5f"}}],"predicateType":"https://slsa.dev/provenance/v1","predicate":{"buildDefinition":{"buildType":"https://b.example/1","externalParameters":{"env":{"@N@":"@V@"},"note":"@T@"},"internalParameters":{"@N@":"@V@"},"resolvedDependencies":[]},"runDetails":{"builder":{"id":"https://b.example"},"metadata":{"invocationId":"@T@","startedOn":"2026-11-17T08:00:00Z"}}}}"#,
    ),
    (
        "attestation",
        Way::Envelope,
        r#"{"_type":"https://in-toto.io/Statement/v0.1","subject":[{"name":"a","digest":{"sha256":"c528cab03ad47ed5fceb01fd4f4557f12d8f2bcb2aa9f6e78087380aab8fde5f"}}],"predicateType":"https://witness.testifysec.com/attestation-collection/v0.1","predicate":{"name":"build","attestations":[{"type":"https://witness.dev/attestations/environment/v0.1","attestation":{"os":"linux","hostname":"h","username":"u","variables":{"@N@":"@V@","NOTE":"@T@"}},"starttime":"2026-11-17T08:00:00Z","endtime":"2026-11-17T08:00:01Z"},{"type":"https://witness.dev/attestations/command-run/v0.1","attestation":{"cmd":["sh","-c","@T@"],"stdout":"@T@","exitcode":0}}]}}"#,
    ),
    (
        "github",
        Way::Json,
        r#"{"action":"submitted","review":{"id":1,"user":{"login":"ada","id":1,"type":"User"},"body":"@T@","commit_id":"1111111111111111111111111111111111111111","submitted_at":"2026-11-18T09:00:00Z","state":"approved","html_url":"https://github.com/o/r/pull/1"},"pull_request":{"number":1,"title":"@T@","body":"@T@","html_url":"https://github.com/o/r/pull/1","head":{"ref":"b","sha":"1111111111111111111111111111111111111111"},"base":{"ref":"main","sha":"2222222222222222222222222222222222222222"}},"repository":{"id":7,"full_name":"o/r","html_url":"https://github.com/o/r"},"sender":{"login":"ada","id":1,"type":"User"}}"#,
    ),
    (
        "kubernetes",
        Way::Json,
        "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: chat\n  namespace: web\n  annotations:\n    note: \"@T@\"\nspec:\n  template:\n    spec:\n      containers:\n      - name: llm\n        image: vllm/vllm-openai:v0.9\n        args: [\"--note\", \"@T@\"]\n        env:\n        - name: @N@\n          value: \"@V@\"\n        - value: \"@V@\"\n          name: @N@\n---\napiVersion: v1\nkind: Secret\nmetadata:\n  name: s\n  namespace: web\ndata:\n  plain-name: \"@A@\"\nstringData:\n  other: \"@A@\"\n---\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: c\n  namespace: web\ndata:\n  @N@: \"@V@\"\n",
    ),
    (
        "kubernetes",
        Way::Block(4),
        "apiVersion: serving.kserve.io/v1beta1\nkind: InferenceService\nmetadata:\n  name: i\n  namespace: web\nspec:\n  predictor:\n    model:\n      modelFormat: {name: onnx}\n      storageUri: s3://models/a\n---\napiVersion: v1\nkind: Secret\nmetadata:\n  name: t\n  namespace: web\nstringData:\n  file: |\n    @T@\n  last: |-\n    @A@\ntype: Opaque\n---\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: d\ndata:\n  file: |\n    @T@\n",
    ),
    (
        "huggingface",
        Way::Plain,
        "---\nlicense: apache-2.0\nlibrary_name: peft\npipeline_tag: text-classification\nbase_model: Quill/Base-7B\ntags:\n- a\n---\n\n# Model\n\n@T@\n\n@T@\n",
    ),
    (
        "model-catalogue",
        Way::Json,
        "source: platform\nmodels:\n  - name: northgate/risk-encoder\n    provider: Northgate\n    description: \"@T@\"\n    readme: \"@T@\"\n    license: apache-2.0\n    libraryName: transformers\n    tasks: [text-classification]\n    createTimeSinceEpoch: \"1728086400000\"\n    customProperties:\n      note:\n        string_value: \"@T@\"\n        metadataType: MetadataStringValue\n    artifacts:\n      - uri: s3://models/risk-encoder/v1\n",
    ),
    (
        "mlflow",
        Way::Json,
        r#"{"store":{"first_experiment":"0","created":1763456400000},"run":{"info":{"run_id":"0123456789abcdef0123456789abcdef","run_name":"train-41","experiment_id":1,"user_id":"ada","status":"FINISHED","start_time":1763456460000,"end_time":1763460060123,"lifecycle_stage":"active"},"data":{"params":[{"key":"@N@","value":"@V@"},{"key":"note","value":"@T@"}],"tags":[{"key":"mlflow.note.content","value":"@T@"},{"key":"@N@","value":"@V@"}]}}}
{"store":{"first_experiment":"0","created":1763456400000},"trace":{"trace_info":{"trace_id":"tr-17f337bbfdb3fe971157d919be977726","trace_location":{"mlflow_experiment":{"experiment_id":4}},"timestamp_ms":1763460000000,"state":"OK","request_preview":"@T@","response_preview":"@T@","tags":{"@N@":"@V@"}}}}"#,
    ),
    (
        "mlflow",
        Way::Json,
        r#"{"store":{"first_experiment":"0","created":1763456400000},"folder":{"run":{"path":"0/0123456789abcdef0123456789abcdef","meta.yaml":"artifact_uri: /x\nexperiment_id: '0'\nlifecycle_stage: active\nrun_id: 0123456789abcdef0123456789abcdef\nstatus: 3\n","params":{"@N@":"@V@","note":"@T@"},"tags":{"@N@":"@V@","note":"@T@"}}}}"#,
    ),
    (
        "mlflow",
        Way::Block(4),
        "artifact_path: model\nflavors:\n  python_function:\n    loader_module: mlflow.sklearn\nrun_id: 0123456789abcdef0123456789abcdef\nmlflow_version: 2.22.5\nmetadata:\n  note: |\n    @T@\n",
    ),
    (
        "git",
        Way::Json,
        r#"{"git":"commit","remote":"https://github.com/acme/credit-risk.git","id":"42d63a33b56ede0ba1aa36cbd8f4712d0e114853","object":"tree 967cd78fdd63b28f35d252bc22d3c7e30143e980\nauthor Bo <bo@example.org> 1790014400 +0100\ncommitter Bo <bo@example.org> 1790014400 +0100\n\nLearn faster\n\n@T@\n","changed":["dvc.yaml"],"files":{"dvc.yaml":"stages:\n  tune:\n    cmd: python tune.py\n    desc: @T@\n"}}"#,
    ),
    (
        "change",
        Way::Json,
        r#"{"change":{"after":"2026-11-18T02:00:00Z","at":"2026-11-19T02:00:00Z","format":"mlflow"},"is":{"store":{"created":1763000000000,"first_experiment":"0"},"registered_model":{"name":"m","description":"@T@","creation_timestamp":1763000000000,"tags":[{"key":"@N@","value":"@V@"}],"aliases":[{"alias":"champion","version":"42"}]}},"was":{"store":{"created":1763000000000,"first_experiment":"0"},"registered_model":{"name":"m","description":"@T@","creation_timestamp":1763000000000,"aliases":[{"alias":"champion","version":"40"}]}}}"#,
    ),
    (
        "oci",
        Way::Nested,
        r#"{"oci":{"registry":"registry.example.test","repository":"fraud/scorer","digest":"sha256:7f1f0c29746e24d5dfd4e1bc774e484149bfcfc0ada8b4d2ec6f030a2a05b72e","media_type":"application/vnd.oci.image.manifest.v1+json","tag":"42"},"manifest":"{\"schemaVersion\":2,\"mediaType\":\"application/vnd.oci.image.manifest.v1+json\",\"layers\":[],\"annotations\":{\"org.opencontainers.image.description\":\"@T@\",\"@N@\":\"@V@\"}}"}"#,
    ),
    (
        "dvc",
        Way::Json,
        "stages:\n  tune:\n    desc: \"@T@\"\n    cmd:\n    - \"@T@\"\n    deps:\n    - data/raw\n    outs:\n    - models/us.pkl\n    meta:\n      @N@: \"@V@\"\n",
    ),
    (
        "otel",
        Way::Json,
        r#"{"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"s"}},{"key":"@N@","value":{"stringValue":"@V@"}}]},"scopeSpans":[{"spans":[{"traceId":"4bf92f3577b34da6a3ce929d0e0e4736","spanId":"00f067aa0ba902b7","name":"execute_tool pay","startTimeUnixNano":"1795428000000000000","endTimeUnixNano":"1795428009000000000","attributes":[{"key":"gen_ai.operation.name","value":{"stringValue":"execute_tool"}},{"key":"gen_ai.tool.name","value":{"stringValue":"pay"}},{"key":"gen_ai.tool.call.arguments","value":{"stringValue":"@T@"}},{"key":"gen_ai.tool.call.result","value":{"stringValue":"@T@"}},{"value":{"stringValue":"@V@"},"key":"@N@"},{"key":"http.request.header.@N@","value":{"arrayValue":{"values":[{"stringValue":"@V@"}]}}}],"status":{"code":2,"message":"@T@"}}]}]}]}"#,
    ),
    ("otel", Way::Protobuf, "@T@"),
    (
        "mcp",
        Way::Json,
        r#"{"timestamp":"2026-11-18T09:00:00Z","sessionId":"s-1","direction":"out","message":{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-06-18","clientInfo":{"name":"desk","version":"2.0"},"capabilities":{}}}}
{"timestamp":"2026-11-18T09:00:03Z","sessionId":"s-1","message":{"jsonrpc":"2.0","id":3,"method":"tools/call","params":{"name":"pay","arguments":{"@N@":"@V@","note":"@T@"}}}}
{"timestamp":"2026-11-18T09:00:04Z","sessionId":"s-1","message":{"jsonrpc":"2.0","id":3,"result":{"content":[{"type":"text","text":"@T@"}],"isError":false}}}"#,
    ),
    (
        "agent-session",
        Way::Json,
        r#"{"type":"user","timestamp":"2026-11-18T09:00:00Z","parentUuid":null,"isSidechain":false,"cwd":"/srv/desk","sessionId":"c-1","version":"1.0.0","uuid":"m1","message":{"role":"user","content":"@T@"}}
{"type":"assistant","timestamp":"2026-11-18T09:00:05Z","parentUuid":"m1","isSidechain":false,"cwd":"/srv/desk","sessionId":"c-1","version":"1.0.0","uuid":"m2","message":{"role":"assistant","model":"acme-coder-1","content":[{"type":"text","text":"@T@"},{"type":"tool_use","id":"t1","name":"Bash","input":{"command":"@T@"}}]}}
{"type":"user","timestamp":"2026-11-18T09:00:09Z","parentUuid":"m2","isSidechain":false,"sessionId":"c-1","version":"1.0.0","uuid":"m3","message":{"role":"user","content":[{"type":"tool_result","tool_use_id":"t1","content":"@T@","is_error":false}]}}"#,
    ),
    (
        "agent-inventory",
        Way::Json,
        r#"{"mcpServers":{"orders":{"command":"npx","args":["-y","x","@T@"],"env":{"@N@":"@V@"}},"search":{"type":"http","url":"@T@","headers":{"@N@":"@V@"}}}}"#,
    ),
    (
        "agent-inventory",
        Way::Json,
        r#"{"name":"Desk","id":"wf-7","nodes":[{"name":"Helper","type":"@n8n/n8n-nodes-langchain.agent","parameters":{"systemMessage":"@T@","headerParameters":{"parameters":[{"name":"@N@","value":"@V@"}]}}},{"name":"Orders","type":"n8n-nodes-base.httpRequestTool","parameters":{"url":"@T@"}}],"connections":{"Orders":{"ai_tool":[[{"node":"Helper","type":"ai_tool","index":0}]]}}}"#,
    ),
    (
        "safetensors",
        Way::Safetensors,
        r#"{"__metadata__":{"name":"m","note":"@T@","@N@":"@V@"},"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#,
    ),
    ("gguf", Way::Gguf, "@T@"),
];

/// A document, and which secrets stand in it: the number of a canary, and whether all its parts do.
pub(crate) type Planted = (Vec<u8>, Vec<(usize, bool)>);

/// Documents of one planter until each canary has stood in one of them, in the order of the places. A name
/// and its value, in either order, are one place; a value that stands under a name of the format's own is another.
pub(crate) fn documents(way: Way, document: &str, canaries: &[Canary]) -> Vec<Planted> {
    let mut next = 0;
    let mut out = Vec::new();
    while next < canaries.len() {
        let (mut text, mut planted) = (String::new(), Vec::new());
        let mut open: Option<&Canary> = None;
        let mut pieces = document.split('@');
        text.push_str(pieces.next().unwrap());
        while let Some(place) = pieces.next() {
            let mut take = |all: bool| {
                let number = next % canaries.len();
                planted.push((number, all));
                next += 1;
                &canaries[number]
            };
            let plain = match place {
                "T" => &take(true).text,
                "A" => &take(false).alone,
                "N" | "V" => {
                    let canary = open.take().unwrap_or_else(|| {
                        let canary = take(false);
                        open = Some(canary);
                        canary
                    });
                    if place == "N" { canary.name } else { &canary.value }
                }
                _ => {
                    // No place: an address, or a scope.
                    text.push('@');
                    text.push_str(place);
                    continue;
                }
            };
            let encoding = canaries[planted.last().unwrap().0].encoding;
            text.push_str(&written(way, plain, if place == "N" { "plain" } else { encoding }));
            text.push_str(pieces.next().unwrap());
        }
        out.push((finished(way, &text), planted));
    }
    out
}

fn written(way: Way, text: &str, encoding: &str) -> String {
    match way {
        // What is written in escapes of JSON is so already.
        Way::Json | Way::Envelope | Way::Safetensors if encoding != "escaped" => quoted(text),
        Way::Nested if encoding == "escaped" => quoted(text),
        Way::Nested => quoted(&quoted(text)),
        Way::Xml => text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;"),
        Way::Block(indent) => text.replace('\n', &format!("\n{}", " ".repeat(indent))),
        _ => text.to_owned(),
    }
}

fn quoted(text: &str) -> String {
    let quoted = serde_json::to_string(text).unwrap();
    quoted.get(1..quoted.len() - 1).unwrap().to_owned()
}

fn length_delimited(number: u8, bytes: &[u8]) -> Vec<u8> {
    let mut out = vec![number << 3 | 2];
    let mut length = bytes.len();
    while length >= 0x80 {
        out.push(u8::try_from(length & 0x7f).unwrap() | 0x80);
        length >>= 7;
    }
    out.push(u8::try_from(length).unwrap());
    [out, bytes.to_vec()].concat()
}

fn pair(key: &str, value: &str) -> Vec<u8> {
    let value = length_delimited(1, value.as_bytes());
    length_delimited(9, &[length_delimited(1, key.as_bytes()), length_delimited(2, &value)].concat())
}

fn span(text: &str) -> Vec<u8> {
    let times = [&[0x39][..], &1_795_428_000_000_000_000_u64.to_le_bytes()].concat();
    let span = [
        length_delimited(1, &[7; 16]),
        length_delimited(2, &[9; 8]),
        length_delimited(5, b"execute_tool pay"),
        times,
        pair("gen_ai.operation.name", "execute_tool"),
        pair("gen_ai.tool.name", "pay"),
        pair("gen_ai.tool.call.arguments", text),
        // A field of a later version, which has no name yet.
        [vec![0x8a, 0x01], length_delimited(0, text.as_bytes()).split_off(1)].concat(),
    ];
    length_delimited(1, &length_delimited(2, &length_delimited(2, &span.concat())))
}

fn gguf(text: &str) -> Vec<u8> {
    let word = |text: &str| [&(text.len() as u64).to_le_bytes()[..], text.as_bytes()].concat();
    let mut out = b"GGUF".to_vec();
    out.extend(3_u32.to_le_bytes());
    out.extend(0_u64.to_le_bytes());
    out.extend(3_u64.to_le_bytes());
    for (key, text) in [("general.name", "m"), ("general.description", text), ("general.version", "7")] {
        out.extend(word(key));
        out.extend(8_u32.to_le_bytes());
        out.extend(word(text));
    }
    out
}

fn finished(way: Way, text: &str) -> Vec<u8> {
    match way {
        Way::Envelope => format!(
            r#"{{"payloadType":"application/vnd.in-toto+json","payload":"{}","signatures":[{{"keyid":"k","sig":"{}"}}]}}"#,
            STANDARD.encode(text),
            STANDARD.encode([7; 64])
        )
        .into_bytes(),
        Way::Safetensors => [&(text.len() as u64).to_le_bytes()[..], text.as_bytes(), &[0; 4]].concat(),
        Way::Gguf => gguf(text),
        Way::Protobuf => span(text),
        _ => text.as_bytes().to_vec(),
    }
}
