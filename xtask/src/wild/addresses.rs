//! Schemas by their addresses: those that they give themselves, those that they were found at, and those that packages beside a
//! collection have.

use std::{collections::BTreeMap, fs};

use serde_json::Value;
use tenon_contracts::format::{Files, NoFiles, Text};
use tenon_errors::Report;

use crate::{folder::files, packages};

/// Packages of npm with schemas that others refer to: the package, the folder in it, and the address that the folder has.
const BESIDE: &[(&str, &str, &str)] = &[
    ("@asyncapi/specs@6.11.1", "schemas", "http://asyncapi.com/schema-store/"),
    ("har-schema@2.0.0", "lib", "https://raw.githubusercontent.com/ahmadnassri/har-schema/master/lib/"),
    (
        "@json-schema-tools/meta-schema@1.5.9",
        "",
        "https://raw.githubusercontent.com/json-schema-tools/meta-schema/1.5.9/src/",
    ),
    (
        "@schematics/angular@14.2.13",
        "",
        "https://raw.githubusercontent.com/angular/angular-cli/master/packages/schematics/angular/",
    ),
    (
        "@angular-devkit/build-angular@14.2.13",
        "",
        "https://raw.githubusercontent.com/angular/angular-cli/master/packages/angular_devkit/build_angular/",
    ),
];

/// Texts by their addresses, without protocol and ending.
#[derive(Default)]
pub(super) struct Addresses(BTreeMap<String, Text>);

impl Addresses {
    /// What packages beside the collections have.
    pub(super) fn beside() -> Result<Self, String> {
        let mut all = Self::default();
        for (package, folder, address) in BESIDE {
            let folder = packages::npm(package)?.join("package").join(folder);
            for path in files(&folder, &["json"])? {
                let Ok(text) = fs::read_to_string(&path) else { continue };
                let inside = path.strip_prefix(&folder).unwrap_or(&path);
                all.add(Some(&format!("{address}{}", inside.display())), &text);
            }
        }
        Ok(all)
    }

    /// Adds a schema by the address that it was found at, and the one that it gives itself.
    pub(super) fn add(&mut self, address: Option<&str>, text: &str) {
        let root = serde_json::from_str::<Value>(text).unwrap_or_default();
        let own = ["$id", "id"].iter().filter_map(|key| root.get(key)?.as_str());
        for address in own.chain(address) {
            self.0.entry(plain(address)).or_insert_with(|| Text::from(text));
        }
    }
}

fn plain(address: &str) -> String {
    let address = address.trim_end_matches('#').trim_end_matches(".json");
    address.trim_start_matches("https://").trim_start_matches("http://").to_owned()
}

/// An address as a file of JSON.
pub(super) fn as_file(address: &str) -> String {
    let address = address.split('#').next().unwrap_or_default();
    if address.ends_with(".json") { address.to_owned() } else { format!("{address}.json") }
}

impl Files for Addresses {
    fn read(&self, path: &str) -> Result<Text, Report> {
        NoFiles.read(path)
    }

    fn kept(&self, address: &str) -> Option<Text> {
        self.0.get(&plain(address)).cloned()
    }
}
