//! No space, and places that cannot be written to: a typed error, and a ledger as it was.

use crate::support::{Said, Workspace, said};

fn many(count: usize) -> String {
    (0..count)
        .map(|n| format!("{{\"type\":\"artefact\",\"id\":\"dataset:lake/{n}-{}@1\",\"kind\":\"dataset\"}}\n", n * 7919))
        .collect()
}

/// Runs a shell script in the workspace with its environment.
fn shell(workspace: &Workspace, script: &str) -> Said {
    let template = workspace.command();
    let mut command = std::process::Command::new("bash");
    command.args(["-c", script]).env_clear().current_dir(workspace.path());
    for (name, value) in template.get_envs() {
        if let Some(value) = value {
            command.env(name, value);
        }
    }
    said(command.output().unwrap())
}

#[test]
fn a_file_that_may_not_grow_is_no_space_and_nothing_is_half_done() {
    let workspace = Workspace::new();
    workspace.import(&many(10));
    let before = workspace.run(&["--json", "stats"]).answered().json();
    let file = workspace.file("more.lineage.jsonl", many(40_000));
    let program = env!("CARGO_BIN_EXE_lastgood");
    let said =
        shell(&workspace, &format!("trap '' XFSZ; ulimit -f 512; exec '{program}' import -q '{}'", file.display()));
    assert_eq!(said.exit, Some(7), "{said:?}");
    assert!(said.err.contains("space"), "{said:?}");
    let verified = workspace.run(&["--json", "verify"]).answered().json();
    assert_eq!(verified["verdict"], "unanchored", "{verified}");
    assert!(verified["records"].as_u64() >= before["records"].as_u64());
    workspace.run(&["import", "-q", file.to_str().unwrap()]).answered();
    let after = workspace.run(&["--json", "stats"]).answered().json();
    assert_eq!(after["artefacts"], 40_000, "{after}");
}

#[test]
fn a_full_disk_is_no_space_and_more_space_finishes_the_job() {
    let workspace = Workspace::new();
    let disk = workspace.path().join("disk");
    std::fs::create_dir(&disk).unwrap();
    let file = workspace.file("more.lineage.jsonl", many(40_000));
    let script = format!(
        "mount -t tmpfs -o size=1m none disk || exit 99\n\
         LASTGOOD_LEDGER=disk/l.lastgood '{program}' import -q '{file}'; first=$?\n\
         mount -o remount,size=64m disk\n\
         LASTGOOD_LEDGER=disk/l.lastgood '{program}' verify -q > /dev/null; verify=$?\n\
         LASTGOOD_LEDGER=disk/l.lastgood '{program}' import -q '{file}'; again=$?\n\
         LASTGOOD_LEDGER=disk/l.lastgood '{program}' --json stats\n\
         umount disk; echo \"$first $verify $again\" >&2",
        program = env!("CARGO_BIN_EXE_lastgood"),
        file = file.display()
    );
    let said = shell(&workspace, &script);
    if said.exit == Some(99) {
        crate::support::skipped("a full disk", "a small file system cannot be mounted here");
        return;
    }
    assert!(said.err.trim_end().ends_with("7 0 0"), "{said:?}");
    assert_eq!(said.json()["artefacts"], 40_000);
}

#[test]
fn a_place_that_cannot_be_written_to_can_still_be_asked() {
    let workspace = Workspace::new();
    workspace.import(&many(10));
    let script = format!(
        "mkdir ro && cp test.lastgood ro/ && mount --bind ro ro && mount -o remount,bind,ro ro || exit 99\n\
         LASTGOOD_LEDGER=ro/test.lastgood '{program}' --json find lake; find=$?\n\
         LASTGOOD_LEDGER=ro/test.lastgood '{program}' verify > /dev/null; verify=$?\n\
         LASTGOOD_LEDGER=ro/test.lastgood '{program}' mark lake/3 suspect --reason x; mark=$?\n\
         umount ro; echo \"$find $verify $mark\" >&2",
        program = env!("CARGO_BIN_EXE_lastgood")
    );
    let said = shell(&workspace, &script);
    if said.exit == Some(99) {
        crate::support::skipped("a read-only place", "nothing can be mounted here");
        return;
    }
    assert!(said.err.trim_end().ends_with("0 0 2"), "{said:?}");
    assert!(said.err.contains("cannot be written"), "{said:?}");
}
