//! Repositories made by the real `git`, apart from anybody's configuration. It asserts nothing of what is read
//! from them.

use super::skipped;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A repository and the moment its next commit is made at.
pub(crate) struct Repo {
    pub(crate) path: PathBuf,
    moment: u64,
    who: (String, String),
}

impl Repo {
    /// A new one, or nothing where there is no git.
    pub(crate) fn new(path: PathBuf, arguments: &[&str]) -> Option<Repo> {
        let repo = Repo { path, moment: 1_790_000_000, who: ("Ada".to_owned(), "Ada@Example.org".to_owned()) };
        let mut init = Command::new("git");
        init.args(["init", "-q", "-b", "main"]).args(arguments).arg(&repo.path);
        if init
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_CONFIG_SYSTEM", "/dev/null")
            .status()
            .is_ok_and(|it| it.success())
        {
            return Some(repo);
        }
        skipped("git repositories", "git is not installed");
        None
    }

    /// Commits from now on as somebody else.
    pub(crate) fn be(&mut self, name: &str, email: &str) {
        self.who = (name.to_owned(), email.to_owned());
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        let path = self.path.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let date = format!("{} +0100", self.moment);
        let mut command = Command::new("git");
        command.arg("-C").arg(&self.path).args(arguments);
        for (key, value) in [
            ("GIT_CONFIG_GLOBAL", "/dev/null"),
            ("GIT_CONFIG_SYSTEM", "/dev/null"),
            ("GIT_AUTHOR_NAME", &self.who.0),
            ("GIT_AUTHOR_EMAIL", &self.who.1),
            ("GIT_AUTHOR_DATE", &date),
            ("GIT_COMMITTER_NAME", &self.who.0),
            ("GIT_COMMITTER_EMAIL", &self.who.1),
            ("GIT_COMMITTER_DATE", &date),
        ] {
            command.env(key, value);
        }
        command
    }

    /// Runs git an hour later, and gives what it says.
    pub(crate) fn git(&mut self, arguments: &[&str]) -> String {
        self.git_with(arguments, b"")
    }

    pub(crate) fn git_with(&mut self, arguments: &[&str], input: &[u8]) -> String {
        use std::io::Write as _;
        self.moment += 3600;
        let mut child = self
            .command(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(input).unwrap();
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }

    /// Commits everything, and gives the commit.
    pub(crate) fn commit(&mut self, message: &str) -> String {
        self.git(&["add", "-A"]);
        self.git(&["commit", "-q", "--allow-empty", "-m", message]);
        self.head()
    }

    pub(crate) fn head(&mut self) -> String {
        self.git(&["rev-parse", "HEAD"])
    }

    pub(crate) fn text(&self) -> &str {
        self.path.to_str().unwrap()
    }

    /// Where a loose object lies.
    pub(crate) fn loose(&self, id: &str) -> PathBuf {
        let (folder, file) = id.split_at(2);
        self.path.join(".git/objects").join(folder).join(file)
    }
}

/// A key without a passphrase, and the line that vouches for it; nothing where there is no ssh-keygen.
pub(crate) fn key(folder: &Path, name: &str, kind: &str) -> Option<(PathBuf, String)> {
    let file = folder.join(name);
    let made = Command::new("ssh-keygen").args(["-q", "-t", kind, "-N", "", "-C", name, "-f"]).arg(&file).status();
    if !made.is_ok_and(|status| status.success()) {
        skipped("signed commits", "ssh-keygen is not installed (package openssh-client)");
        return None;
    }
    let public = std::fs::read_to_string(file.with_extension("pub")).unwrap();
    Some((file, format!("{name}@example.org {public}")))
}
