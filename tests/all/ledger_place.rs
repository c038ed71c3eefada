//! Where a ledger lies: full, read-only, somebody else's, gone. Each is told apart and harms nothing.

use crate::ledger_fixture::*;
use lastgood::store::{Access, Ledger, StoreError, Verdict};
use std::env;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

fn refusal(result: Result<Ledger, StoreError>) -> StoreError {
    result.expect_err("it must be refused")
}

#[test]
fn what_is_no_ledger_is_told_apart() {
    let directory = tempfile::TempDir::new().unwrap();
    let path = directory.path().join("x");
    for access in [Access::Read, Access::Write] {
        assert!(matches!(refusal(Ledger::open(&path, access)), StoreError::Missing { .. }));
    }
    let foreign = |what: &str| {
        for access in [Access::Read, Access::Write] {
            let error = refusal(Ledger::open(&path, access));
            assert!(matches!(error, StoreError::Foreign { .. }), "{what}: {error}");
            assert!(error.to_string().contains(&path.display().to_string()));
        }
    };
    fs::create_dir(&path).unwrap();
    foreign("a directory");
    fs::remove_dir(&path).unwrap();
    fs::write(&path, "").unwrap();
    foreign("an empty file");
    fs::write(&path, "not a database\n".repeat(100)).unwrap();
    foreign("a text");
    fs::remove_file(&path).unwrap();
    rusqlite::Connection::open(&path).unwrap().execute_batch("CREATE TABLE runs (a)").unwrap();
    foreign("another program's database");
    let before = fs::read(&path).unwrap();
    assert!(matches!(refusal(Ledger::create(&path, &keys())), StoreError::Exists { .. }));
    assert_eq!(fs::read(&path).unwrap(), before);
    let nowhere = directory.path().join("no/such/place");
    assert!(matches!(refusal(Ledger::create(nowhere, &keys())), StoreError::Missing { .. }));
    assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1, "nothing half-made is left");
}

#[test]
fn a_newer_layout_is_refused_and_left_alone() {
    let small = Small::new(1, 1);
    small.raw().execute_batch("PRAGMA user_version = 2").unwrap();
    for access in [Access::Read, Access::Write] {
        let error = refusal(Ledger::open(&small.path, access));
        assert!(matches!(error, StoreError::Newer { found: 2, known: 1, .. }), "{error}");
    }
    let verified = verify(&small.path, &with_key()).unwrap();
    assert_eq!(verified.verdict, Verdict::Failed, "its tables are those of version 1: {verified:?}");
    small.raw().execute_batch("CREATE TABLE of_version_2 (a)").unwrap();
    assert_eq!(verify(&small.path, &with_key()).unwrap().verdict, Verdict::Inconclusive);
}

#[test]
fn a_ledger_cut_short_fails_or_is_refused() {
    let small = Small::new(6, 2);
    let whole = fs::read(&small.path).unwrap();
    for length in (0..whole.len()).step_by(997) {
        let path = small.directory.path().join("cut");
        fs::write(&path, &whole[..length]).unwrap();
        match verify(&path, &with_key()) {
            Err(_) => {}
            Ok(verified) => assert_eq!(verified.verdict, Verdict::Failed, "cut at {length}"),
        }
    }
}

/// Runs `child` below in a process of its own, as another user when we are root (who may do all).
fn in_child(path: &Path, task: &str, as_nobody: bool) -> String {
    let mut command = Command::new("sh");
    // Growing a file past its limit then is an error, and not a signal.
    command.args(["-c", "trap '' XFSZ; exec \"$0\" \"$@\""]).arg(env::current_exe().unwrap());
    command.args(["--exact", "ledger_place::child", "--ignored", "--nocapture", "--test-threads=1"]);
    command.env("LEDGER_CHILD", task).env("LEDGER_CHILD_PATH", path);
    if as_nobody && rustix::process::geteuid().is_root() {
        command.uid(65534).gid(65534);
    }
    let output = command.output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let errors = String::from_utf8_lossy(&output.stderr);
    let said = text.lines().find_map(|line| line.split_once("child says: "));
    said.unwrap_or_else(|| panic!("{task}: {text}\n{errors}")).1.to_owned()
}

fn word(error: &StoreError) -> &'static str {
    match error {
        StoreError::NoSpace { .. } => "NoSpace",
        StoreError::ReadOnly { .. } => "ReadOnly",
        _ => "other",
    }
}

#[test]
#[ignore = "the other half of the tests that need a process of their own"]
fn child() {
    let (Ok(task), Ok(path)) = (env::var("LEDGER_CHILD"), env::var("LEDGER_CHILD_PATH")) else { return };
    let said = match task.split_once(' ') {
        Some(("grow", limit)) => {
            let mut bounds = rustix::process::getrlimit(rustix::process::Resource::Fsize);
            bounds.current = limit.parse().ok();
            rustix::process::setrlimit(rustix::process::Resource::Fsize, bounds).unwrap();
            grow(&path)
        }
        _ if task == "grow" => grow(&path),
        _ => {
            let write = Ledger::open(&path, Access::Write).and_then(|mut l| l.append(&[numbered(50)], &keys(), now()));
            let read = Ledger::open(&path, Access::Read).and_then(|ledger| ledger.head());
            let write = write.map_or_else(|error| format!("{} ({error})", word(&error)), |_| "wrote".to_owned());
            let read = read.map_or_else(|error| format!("{} ({error})", word(&error)), |head| head.records.to_string());
            format!("{write} / {read}")
        }
    };
    println!("child says: {said}");
}

/// Appends until it is refused, and says how.
fn grow(path: &str) -> String {
    let mut ledger = match Ledger::open(path, Access::Write) {
        Ok(ledger) => ledger,
        Err(error) => return format!("{} {error}", word(&error)),
    };
    for number in 100.. {
        let text: String = (0..50).map(|n| format!("a run:{number}-{n} run\n")).collect();
        if let Err(error) = ledger.append(&[record_of(number, &text)], &keys(), now()) {
            return format!("{} {error}", word(&error));
        }
    }
    unreachable!()
}

fn survives(path: &Path) {
    let after = verify(path, &with_key()).unwrap();
    assert_eq!(after.verdict, Verdict::Unanchored, "{after:?}");
    let mut ledger = Ledger::open(path, Access::Write).unwrap();
    let resumed = ledger.append(&[numbered(40)], &keys(), now()).unwrap();
    assert!(resumed.added() == 1 && resumed.head.records > 3);
}

#[test]
fn a_file_that_may_not_grow_says_no_space_and_stays_whole() {
    for step in 0..24u64 {
        let small = Small::new(3, 3);
        let size = small.path.metadata().unwrap().len();
        let limit = size / 2 + step * 9_001;
        let said = in_child(&small.path, &format!("grow {limit}"), false);
        assert!(said.starts_with("NoSpace"), "limit {limit}: {said}");
        assert!(said.contains("free some space"));
        survives(&small.path);
    }
}

#[test]
fn a_full_disk_says_no_space_and_stays_whole() {
    let mount = tempfile::TempDir::new().unwrap();
    let tool = |tool: &str, arguments: &[&str]| {
        Command::new(tool).args(arguments).arg(mount.path()).output().is_ok_and(|output| output.status.success())
    };
    for kilobytes in [300, 500, 901] {
        if !tool("mount", &["-t", "tmpfs", "-o", &format!("size={kilobytes}k"), "tmpfs"]) {
            println!("no file system can be mounted here: nothing was tried");
            return;
        }
        let path = mount.path().join("ledger");
        let made = Ledger::create(&path, &keys());
        let said = match made {
            Ok(mut ledger) => ledger.append(&[numbered(1), numbered(2), numbered(3)], &keys(), now()).err(),
            Err(error) => Some(error),
        };
        let said = said.map_or_else(|| in_child(&path, "grow", false), |error| word(&error).to_owned());
        let whole = said.starts_with("NoSpace")
            && (!path.exists() || verify(&path, &with_key()).is_ok_and(|v| v.verdict == Verdict::Unanchored));
        assert!(tool("umount", &[]));
        assert!(whole, "{kilobytes}: {said}");
    }
}

#[test]
fn a_place_that_is_read_only_is_read_and_not_written() {
    for (directory_mode, file_mode) in [(0o555, 0o444), (0o777, 0o444), (0o555, 0o666)] {
        let small = Small::new(3, 3);
        let mode = |path: &Path, mode| fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
        mode(&small.path, file_mode);
        mode(small.directory.path(), directory_mode);
        let said = in_child(&small.path, "try", true);
        mode(small.directory.path(), 0o755);
        assert!(said.starts_with("ReadOnly") && said.ends_with("/ 3"), "{directory_mode:o} {file_mode:o}: {said}");
        assert!(said.contains("copy the ledger to a place you can write to"), "{said}");
    }
}

#[test]
fn a_read_only_place_with_a_log_left_behind_is_not_read_short() {
    let small = Small::new(2, 2);
    let mut ledger = small.open(Access::Write);
    let _ = ledger.append(&[numbered(3)], &keys(), now()).unwrap();
    let crashed = tempfile::TempDir::new().unwrap();
    let path = crashed.path().join("small.lastgood");
    fs::copy(&small.path, &path).unwrap();
    fs::copy(small.directory.path().join("small.lastgood-wal"), crashed.path().join("small.lastgood-wal")).unwrap();
    for file in fs::read_dir(crashed.path()).unwrap() {
        fs::set_permissions(file.unwrap().path(), fs::Permissions::from_mode(0o444)).unwrap();
    }
    fs::set_permissions(crashed.path(), fs::Permissions::from_mode(0o555)).unwrap();
    let said = in_child(&path, "try", true);
    fs::set_permissions(crashed.path(), fs::Permissions::from_mode(0o755)).unwrap();
    let read = said.split_once(" / ").unwrap().1;
    assert!(read.starts_with("ReadOnly") && read.contains("-wal") || read == "3", "{said}");
}
