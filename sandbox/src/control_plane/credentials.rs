//! Keys and tokens of one control plane, made anew for each.
//!
//! Why it exists: the API server signs ServiceAccount tokens with a key and reads users from a token file.
//! Must not: print a token.

use super::options::{ADMIN, User};
use anyhow::{Context, anyhow, ensure};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

/// The DER header of a P-256 public key (RFC 5480); the uncompressed point follows.
const P256_PUBLIC_KEY_HEADER: [u8; 26] = [
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86,
    0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
];

/// Writes the ServiceAccount key pair as `service-account.key` and `service-account.pub`.
pub(super) fn write_service_account_keys(folder: &Path) -> anyhow::Result<()> {
    let random = SystemRandom::new();
    let refused = |_| anyhow!("no key could be made: the system gives no random numbers");
    let private = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &random).map_err(refused)?;
    let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, private.as_ref(), &random)
        .map_err(|error| anyhow!("the new key is not readable: {error}"))?;
    let public = [&P256_PUBLIC_KEY_HEADER, pair.public_key().as_ref()].concat();
    write_secret(&folder.join("service-account.key"), &pem("PRIVATE KEY", private.as_ref()))?;
    write_secret(&folder.join("service-account.pub"), &pem("PUBLIC KEY", &public))
}

fn pem(label: &str, der: &[u8]) -> String {
    let mut text = format!("-----BEGIN {label}-----\n");
    let encoded = STANDARD.encode(der);
    let mut rest = encoded.as_str();
    while !rest.is_empty() {
        let (line, next) = rest.split_at(rest.len().min(64));
        text.push_str(line);
        text.push('\n');
        rest = next;
    }
    text + &format!("-----END {label}-----\n")
}

/// The tokens by user name, the admin's included.
#[derive(Debug)]
pub(super) struct Tokens(BTreeMap<String, String>);

impl Tokens {
    /// Makes a token for each user and writes the token file (`token,user,uid,"groups"`).
    pub(super) fn write(users: &[User], file: &Path) -> anyhow::Result<Self> {
        let admin = User::new(ADMIN).group("system:masters");
        let mut tokens = BTreeMap::new();
        let mut text = String::new();
        for user in [&admin].into_iter().chain(users) {
            let words = [&user.name].into_iter().chain(&user.groups);
            for word in words {
                ensure!(
                    !word.is_empty() && !word.contains(['"', ',', '\n']),
                    "the user or group {word:?} cannot be written to a token file: leave out quotes, commas and line ends"
                );
            }
            let token = format!("{:032x}", rand::random::<u128>());
            writeln!(text, "{token},{},{},\"{}\"", user.name, user.name, user.groups.join(","))?;
            ensure!(
                tokens.insert(user.name.clone(), token).is_none(),
                "the user {:?} is named twice (admin is always there)",
                user.name
            );
        }
        write_secret(file, &text)?;
        Ok(Self(tokens))
    }

    /// The user's token.
    pub(super) fn of(&self, user: &str) -> anyhow::Result<&str> {
        let known = || self.0.keys().cloned().collect::<Vec<_>>().join(", ");
        self.0
            .get(user)
            .map(String::as_str)
            .with_context(|| format!("no user {user:?}: name it in the options; there are {}", known()))
    }
}

/// Writes a file that only its owner can read.
pub(super) fn write_secret(file: &Path, text: &str) -> anyhow::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    fs::write(file, text).with_context(|| format!("{} cannot be written", file.display()))?;
    fs::set_permissions(file, fs::Permissions::from_mode(0o600))?;
    Ok(())
}
