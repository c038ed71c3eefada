//! Who sits at the keyboard, as the operating system tells it: a claim, not proof. It asks no server.

/// The user's name: who became root by `sudo`, else the account's name, else its number.
pub fn user_name() -> String {
    let set = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    let uid = rustix::process::getuid().as_raw();
    set("SUDO_USER")
        .or_else(|| set("USER"))
        .or_else(|| set("LOGNAME"))
        .or_else(|| std::fs::read_to_string("/etc/passwd").ok().and_then(|text| account(&text, uid)))
        .unwrap_or_else(|| format!("uid-{uid}"))
}

/// The name of an account in the lines of `/etc/passwd`.
fn account(passwd: &str, uid: u32) -> Option<String> {
    let uid = uid.to_string();
    let fields = |line: &str| line.split(':').map(str::to_owned).collect::<Vec<_>>();
    let found = passwd.lines().map(fields).find(|fields| fields.get(2) == Some(&uid))?;
    found.first().filter(|name| !name.is_empty()).cloned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_is_found_by_its_number() {
        let passwd = "root:x:0:0:root:/root:/bin/bash\nada:x:1000:1000::/home/ada:/bin/sh\n";
        assert_eq!(account(passwd, 1000).as_deref(), Some("ada"));
        assert_eq!(account(passwd, 7), None);
    }
}
