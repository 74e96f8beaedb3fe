//! Wycheproof's signatures, held against the keys and tokens of Tenon: its JSON Web Signatures, and for each algorithm the signatures that
//! one of those may have. The vectors (`testvectors_v1` of C2SP/wycheproof) lie in `conformance/wycheproof` beside the checkout, in
//! `WYCHEPROOF`, or in the folder that is named; without them they are skipped loudly.

use std::{collections::BTreeMap, env, fs, path::PathBuf};

use serde_json::{Value, json};
use tenon_security::jwt::{Algorithm, KeySet};

/// Of these Tenon says otherwise: the file, the start of the comment of a group or a test, and the reason.
const ON_PURPOSE: &[(&str, &str, &str)] = &[
    (
        "json_web_signature_test",
        "Figure20",
        "a key is used for the algorithm that it says alone (RFC 7517, section 4.4), which is PS256 here and PS384 in the token",
    ),
    ("json_web_signature_test", "Figure27", "`ES521` is no algorithm of RFC 7518; that of P-521 is `ES512`"),
    (
        "json_web_crypto_test",
        "jws_rsa_roca_key",
        "keys that a faulty library has made (ROCA, CVE-2017-15361) are not recognised: which keys it uses is up to the issuer",
    ),
];

/// The signatures of one algorithm: the file begins so.
const SIGNATURES: &[(&str, &str)] = &[
    ("ecdsa_secp256r1_sha256_p1363_test", "ES256"),
    ("ecdsa_secp384r1_sha384_p1363_test", "ES384"),
    ("ecdsa_secp521r1_sha512_p1363_test", "ES512"),
    ("ed25519_test", "EdDSA"),
    ("rsa_signature_2048_sha256_test", "RS256"),
    ("rsa_signature_2048_sha384_test", "RS384"),
    ("rsa_signature_2048_sha512_test", "RS512"),
    ("rsa_signature_3072_sha256_test", "RS256"),
    ("rsa_signature_3072_sha384_test", "RS384"),
    ("rsa_signature_3072_sha512_test", "RS512"),
    ("rsa_signature_4096_sha256_test", "RS256"),
    ("rsa_signature_4096_sha384_test", "RS384"),
    ("rsa_signature_4096_sha512_test", "RS512"),
    ("rsa_pss_2048_sha256_mgf1_32_test", "PS256"),
    ("rsa_pss_2048_sha384_mgf1_48_test", "PS384"),
    ("rsa_pss_3072_sha256_mgf1_32_test", "PS256"),
    ("rsa_pss_4096_sha256_mgf1_32_test", "PS256"),
    ("rsa_pss_4096_sha384_mgf1_48_test", "PS384"),
    ("rsa_pss_4096_sha512_mgf1_64_test", "PS512"),
];

/// What became of the cases.
#[derive(Default)]
struct Count {
    held: usize,
    explained: BTreeMap<&'static str, usize>,
    unexplained: Vec<String>,
    /// Not run, by the reason.
    skipped: BTreeMap<String, usize>,
}

/// Runs all cases.
///
/// # Errors
/// Differences that are not explained, and an algorithm without a case.
#[expect(clippy::print_stdout, reason = "a command line tool")]
pub(crate) fn run(folder: Option<String>) -> Result<(), String> {
    let folder = folder.or_else(|| env::var("WYCHEPROOF").ok());
    let folder = folder.map_or_else(|| PathBuf::from("../shared/conformance/wycheproof"), PathBuf::from);
    let folder = folder.join("testvectors_v1");
    let (mut count, mut seen) = (Count::default(), BTreeMap::<&str, usize>::new());
    for file in ["json_web_signature_test", "json_web_crypto_test"] {
        let Some(document) = read(&folder, file, &mut count)? else { continue };
        tokens(file, &document, &mut count);
    }
    for (file, name) in SIGNATURES {
        let algorithm = Algorithm::named(name).ok_or_else(|| format!("{name} is not supported"))?;
        let Some(document) = read(&folder, file, &mut count)? else { continue };
        let before = count.held;
        signatures(file, algorithm, &document, &mut count)?;
        *seen.entry(name).or_default() += count.held - before;
    }
    println!("{} cases hold", count.held);
    for (name, cases) in &seen {
        println!("  {name:<6} {cases} signatures");
    }
    for (reason, cases) in &count.explained {
        println!("{cases} cases differ on purpose: {reason}");
    }
    for (reason, cases) in &count.skipped {
        println!("SKIPPED {cases} cases: {reason}");
    }
    let missing: Vec<_> =
        Algorithm::all().map(Algorithm::name).filter(|name| !seen.contains_key(name)).collect();
    if !seen.is_empty() && !missing.is_empty() {
        return Err(format!("no case for {}", missing.join(", ")));
    }
    match count.unexplained.len() {
        0 => Ok(()),
        cases => Err(format!("{cases} cases differ:\n{}", count.unexplained.join("\n"))),
    }
}

fn read(folder: &std::path::Path, file: &str, count: &mut Count) -> Result<Option<Value>, String> {
    let path = folder.join(format!("{file}.json"));
    let Ok(text) = fs::read_to_string(&path) else {
        *count.skipped.entry(format!("there is no {}", path.display())).or_default() += 1;
        return Ok(None);
    };
    serde_json::from_str(&text).map(Some).map_err(|error| format!("{}: {error}", path.display()))
}

fn groups(document: &Value) -> impl Iterator<Item = (&Value, &[Value])> {
    let groups = document["testGroups"].as_array().map(Vec::as_slice).unwrap_or_default();
    groups.iter().map(|group| (group, group["tests"].as_array().map(Vec::as_slice).unwrap_or_default()))
}

/// Whole tokens.
fn tokens(file: &str, document: &Value, count: &mut Count) {
    for (group, tests) in groups(document) {
        let Some(key) = group.get("public") else {
            *count
                .skipped
                .entry(format!("{file}: keys that are shared or for encryption are not supported"))
                .or_default() += tests.len();
            continue;
        };
        let keys = KeySet::parse(json!({ "keys": [key] }).to_string().as_bytes());
        for test in tests {
            let Some(token) = test["jws"].as_str() else {
                *count.skipped.entry(format!("{file}: what is not a compact token")).or_default() += 1;
                continue;
            };
            let holds = match &keys {
                Ok(keys) => keys.signed(token).map_err(|report| report.to_string()),
                Err(report) => Err(format!("{report} {:?}", report.details())),
            };
            judge(file, group, test, holds, count);
        }
    }
}

/// Signatures of bytes that need not be tokens.
fn signatures(file: &str, algorithm: Algorithm, document: &Value, count: &mut Count) -> Result<(), String> {
    for (group, tests) in groups(document) {
        let Some(key) = group.get("publicKeyJwk").or_else(|| group.get("keyJwk")) else {
            *count.skipped.entry(format!("{file}: groups without a JSON Web Key")).or_default() +=
                tests.len();
            continue;
        };
        let keys = KeySet::parse(json!({ "keys": [key] }).to_string().as_bytes());
        for test in tests {
            let (signed, signature) = (bytes(&test["msg"])?, bytes(&test["sig"])?);
            let holds = match &keys {
                Ok(keys) if keys.verifies(algorithm, &signed, &signature) => Ok(()),
                Ok(_) => Err("the signature does not verify".to_owned()),
                Err(report) => Err(format!("{report} {:?}", report.details())),
            };
            judge(file, group, test, holds, count);
        }
    }
    Ok(())
}

fn judge(file: &str, group: &Value, test: &Value, holds: Result<(), String>, count: &mut Count) {
    let expected = test["result"].as_str().unwrap_or_default();
    if expected == "acceptable" || (expected == "valid") == holds.is_ok() {
        count.held += 1;
        return;
    }
    let comments = [&group["comment"], &test["comment"]].map(|it| it.as_str().unwrap_or_default());
    let known = ON_PURPOSE
        .iter()
        .find(|(of, comment, _)| *of == file && comments.iter().any(|it| it.starts_with(comment)));
    match known {
        Some((.., reason)) => *count.explained.entry(reason).or_default() += 1,
        None => count.unexplained.push(format!(
            "{file} {} ({}) is {expected}: {}",
            test["tcId"],
            comments.join(", "),
            holds.err().unwrap_or_else(|| "it holds".to_owned())
        )),
    }
}

fn bytes(hex: &Value) -> Result<Vec<u8>, String> {
    let hex = hex.as_str().unwrap_or_default().as_bytes();
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let pair = |pair: &[u8]| Some(digit(*pair.first()?)? << 4 | digit(*pair.get(1)?)?);
    hex.chunks(2).map(pair).collect::<Option<_>>().ok_or_else(|| "a vector is not hexadecimal".to_owned())
}
