//! A schema with the documents that it refers to: files of the project and the metaschemas of the standard. Never the network.

use std::collections::{HashMap, HashSet};

use tenon_document::{Limits, Node, parse_within};
use tenon_errors::{Report, Reports};

use super::{
    draft::Draft,
    resources::{Document, Resources},
};
use crate::format::{self, Files, Text};

/// The metaschemas of the standard, by address.
const METASCHEMAS: &[(&str, &str)] = &[
    ("http://json-schema.org/draft-04/schema", include_str!("metaschemas/draft-04.json")),
    ("http://json-schema.org/draft-06/schema", include_str!("metaschemas/draft-06.json")),
    ("http://json-schema.org/draft-07/schema", include_str!("metaschemas/draft-07.json")),
    ("https://json-schema.org/draft/2019-09/schema", include_str!("metaschemas/2019-09/schema.json")),
    (
        "https://json-schema.org/draft/2019-09/meta/applicator",
        include_str!("metaschemas/2019-09/applicator.json"),
    ),
    ("https://json-schema.org/draft/2019-09/meta/content", include_str!("metaschemas/2019-09/content.json")),
    ("https://json-schema.org/draft/2019-09/meta/core", include_str!("metaschemas/2019-09/core.json")),
    ("https://json-schema.org/draft/2019-09/meta/format", include_str!("metaschemas/2019-09/format.json")),
    (
        "https://json-schema.org/draft/2019-09/meta/meta-data",
        include_str!("metaschemas/2019-09/meta-data.json"),
    ),
    (
        "https://json-schema.org/draft/2019-09/meta/validation",
        include_str!("metaschemas/2019-09/validation.json"),
    ),
    ("https://json-schema.org/draft/2020-12/schema", include_str!("metaschemas/2020-12/schema.json")),
    (
        "https://json-schema.org/draft/2020-12/meta/applicator",
        include_str!("metaschemas/2020-12/applicator.json"),
    ),
    ("https://json-schema.org/draft/2020-12/meta/content", include_str!("metaschemas/2020-12/content.json")),
    ("https://json-schema.org/draft/2020-12/meta/core", include_str!("metaschemas/2020-12/core.json")),
    (
        "https://json-schema.org/draft/2020-12/meta/format-annotation",
        include_str!("metaschemas/2020-12/format-annotation.json"),
    ),
    (
        "https://json-schema.org/draft/2020-12/meta/format-assertion",
        include_str!("metaschemas/2020-12/format-assertion.json"),
    ),
    (
        "https://json-schema.org/draft/2020-12/meta/meta-data",
        include_str!("metaschemas/2020-12/meta-data.json"),
    ),
    (
        "https://json-schema.org/draft/2020-12/meta/unevaluated",
        include_str!("metaschemas/2020-12/unevaluated.json"),
    ),
    (
        "https://json-schema.org/draft/2020-12/meta/validation",
        include_str!("metaschemas/2020-12/validation.json"),
    ),
];

/// The most documents that one schema refers to, on any way.
const MAX_DOCUMENTS: usize = 1_000;
/// The most bytes that they have.
const MAX_BYTES: usize = 64 << 20;

/// The tree of a schema's text. The largest public ones have some five megabytes.
///
/// # Errors
/// As for [`tenon_document::parse`].
pub(super) fn parse(path: &str, text: &str) -> Result<Node, Reports> {
    parse_within(path, text, Limits::DESCRIPTION)
}

/// The text of the metaschema with this address, which has no fragment.
pub(crate) fn metaschema(address: &str) -> Option<&'static str> {
    METASCHEMAS.iter().find(|(known, _)| *known == address).map(|(_, text)| *text)
}

/// A document that a schema refers to.
pub(super) struct Loaded {
    pub(super) address: String,
    pub(super) root: Node,
    draft: Draft,
}

/// What a schema refers to outside of itself.
#[derive(Default)]
pub(super) struct Loading {
    pub(super) documents: Vec<Loaded>,
    /// Why a document could not be read, by its address.
    pub(super) refused: HashMap<String, Report>,
    /// What is wrong with the text of documents.
    pub(super) problems: Reports,
}

/// The documents that `root` refers to, on any way.
pub(super) fn load(root: &Node, files: &dyn Files) -> Loading {
    let mut loading = Loading::default();
    let mut asked: HashSet<String> = HashSet::new();
    let mut bytes = 0;
    loop {
        let wanted: Vec<(String, Vec<String>, Draft)> = {
            let resources = Resources::of(&documents(root, &loading.documents));
            let wanted = |(address, node): &(String, &Node)| {
                let home = &resources.list()[resources.home(node)];
                (address.clone(), paths(address, node), home.draft)
            };
            resources.missing().iter().map(wanted).collect()
        };
        let mut has_more = false;
        for (address, paths, draft) in wanted {
            if !asked.insert(address.clone()) || loading.documents.len() >= MAX_DOCUMENTS {
                continue;
            }
            if let Some(text) = metaschema(&address) {
                if let Ok(root) = parse(&address, text) {
                    loading.documents.push(Loaded { address, root, draft });
                    has_more = true;
                }
                continue;
            }
            if let Some(text) = files.kept(&address) {
                match parse(&address, &text) {
                    Ok(root) => {
                        loading.documents.push(Loaded { address, root, draft });
                        has_more = true;
                    }
                    Err(problems) => loading.problems.extend(problems),
                }
                continue;
            }
            for path in paths {
                match read(files, &path, &mut bytes) {
                    Ok(Ok(root)) => {
                        loading.documents.push(Loaded { address: path, root, draft });
                        has_more = true;
                        break;
                    }
                    Ok(Err(problems)) => {
                        loading.problems.extend(problems);
                        break;
                    }
                    Err(report) => drop(loading.refused.insert(address.clone(), report)),
                }
            }
        }
        if !has_more {
            return loading;
        }
    }
}

fn read(files: &dyn Files, path: &str, bytes: &mut usize) -> Result<Result<Node, Reports>, Report> {
    let text: Text = files.read(path)?;
    *bytes = bytes.saturating_add(text.len());
    if *bytes > MAX_BYTES {
        let message =
            format!("`{path}` and the other files of the contract have more than {MAX_BYTES} bytes");
        return Err(Report::new(&tenon_errors::catalogue::contract::BAD_CONTRACT, message));
    }
    Ok(parse(path, &text))
}

/// The files that an address may mean.
fn paths(address: &str, node: &Node) -> Vec<String> {
    let reference =
        ["$ref", "$dynamicRef", "$schema"].iter().find_map(|key| node.get(key)).and_then(Node::as_str);
    let reference = reference.and_then(|text| text.split('#').next()).unwrap_or_default();
    let beside = format::join(node.file(), reference);
    // Joined as addresses, a reference that leads out of the project would be brought back into it.
    let leaves = beside.is_none() && reference.split('/').any(|part| part == "..");
    let by_address = (!leaves && !super::address::is_whole(address)).then(|| address.to_owned());
    let mut paths: Vec<String> = beside.into_iter().chain(by_address).collect();
    paths.dedup();
    paths
}

/// Whether a document is one of the standard's own, which every reader has.
pub(super) fn is_metaschema(address: &str) -> bool {
    METASCHEMAS.iter().any(|(known, _)| *known == address)
}

/// All documents, the schema first.
pub(super) fn documents<'d>(root: &'d Node, loaded: &'d [Loaded]) -> Vec<Document<'d>> {
    let is_description = false;
    let first = Document { address: root.file(), root, draft: Draft::of(root), is_description };
    let others = loaded.iter().map(|it| Document {
        address: &it.address,
        root: &it.root,
        draft: it.draft,
        is_description,
    });
    std::iter::once(first).chain(others).collect()
}
