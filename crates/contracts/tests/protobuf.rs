//! Protobuf held against others: the files that Google publishes, and the codecs of `prost-reflect`.

#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stderr, reason = "a test")]

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use proptest::prelude::*;
use prost_reflect::{
    Cardinality, DescriptorPool, DynamicMessage, FieldDescriptor, Kind, MapKey, MessageDescriptor, Value,
    prost::Message,
};
use protox::file::{ChainFileResolver, File, FileResolver, GoogleFileResolver};
use tenon_contracts::{
    format::{Codec, Files, NoFiles, Source},
    protobuf::{self, codec},
    validate::Validator,
};
use tenon_errors::Report;

const PROTO3: &str = r#"
syntax = "proto3";
package t;
import "google/protobuf/timestamp.proto";
import "google/protobuf/duration.proto";
import "google/protobuf/wrappers.proto";
import "google/protobuf/struct.proto";
import "google/protobuf/empty.proto";
import "google/protobuf/field_mask.proto";
enum Color { UNSPECIFIED = 0; RED = 1; GREEN = -2; }
message Inner { int32 number = 1; string text_value = 2; Inner inner = 3; repeated Inner items = 4; }
message All {
  double d = 1; float f = 2; int32 i32 = 3; int64 i64 = 4; uint32 u32 = 5; uint64 u64 = 6; sint32 s32 = 7;
  sint64 s64 = 8; fixed32 f32 = 9; fixed64 f64 = 10; sfixed32 sf32 = 11; sfixed64 sf64 = 12; bool b = 13;
  string s = 14; bytes by = 15;
  optional int32 oi = 16; optional string os = 17; optional bool ob = 18; optional Color oc = 19;
  Color color = 20; Inner inner = 21;
  repeated int32 ri = 22; repeated string rs = 23; repeated Color rc = 24; repeated double rd = 25 [packed = false];
  repeated Inner rm = 26; repeated sfixed64 rf = 27; repeated float rfl = 28; repeated bool rb = 29;
  map<string, int32> m1 = 31; map<int64, Inner> m2 = 32; map<bool, Color> m3 = 33; map<uint32, bytes> m4 = 34;
  map<sfixed32, double> m5 = 35; map<uint64, string> m6 = 36;
  oneof choice { int32 c1 = 41; string c2 = 42; Inner c3 = 43; Color c4 = 44; }
  google.protobuf.Timestamp at = 51; google.protobuf.Duration length = 52; google.protobuf.Struct data = 53;
  google.protobuf.Value any = 54; google.protobuf.ListValue list = 55; google.protobuf.Int64Value w1 = 56;
  google.protobuf.StringValue w2 = 57; google.protobuf.FloatValue w3 = 58; google.protobuf.BytesValue w4 = 59;
  google.protobuf.FieldMask mask = 60; google.protobuf.Empty empty = 61;
  repeated google.protobuf.Timestamp times = 62; map<string, google.protobuf.Duration> lengths = 63;
  int32 far = 100000;
}
"#;

const PROTO2: &str = r#"
syntax = "proto2";
package t;
enum Size { SMALL = 3; LARGE = 5; }
message All {
  required int32 id = 1; optional string name = 2; repeated int32 packed = 3 [packed = true];
  repeated int64 plain = 4; optional Size size = 5; repeated Size sizes = 6;
  optional group Single = 7 { optional int32 a = 1; repeated group Deep = 2 { required string b = 3; } }
  repeated group Many = 8 { optional All all = 1; }
  oneof choice { string c1 = 9; group Chosen = 10 { optional bool c = 1; } }
  optional All next = 11;
  extensions 100 to 200;
}
extend All { optional int32 extra = 100; repeated string more = 101; }
"#;

/// The one file of a test, beside what every installation has.
struct Only(&'static str);

impl FileResolver for Only {
    fn open_file(&self, name: &str) -> Result<File, protox::Error> {
        match name {
            "t.proto" => File::from_source(name, self.0),
            other => Err(protox::Error::file_not_found(other)),
        }
    }
}

struct Pair {
    theirs: MessageDescriptor,
    binary: codec::Binary,
    json: codec::Json,
    validator: Validator,
}

fn pair(text: &'static str) -> Pair {
    let mut resolver = ChainFileResolver::new();
    resolver.add(Only(text));
    resolver.add(GoogleFileResolver::new());
    let mut compiler = protox::Compiler::with_file_resolver(resolver);
    compiler.include_imports(true).open_file("t.proto").unwrap();
    let pool: DescriptorPool = compiler.descriptor_pool();
    let read = protobuf::read(&Source { file: "t.proto", text, files: &NoFiles }).unwrap();
    let shape = read.schema.of_name("all").unwrap().shape.clone();
    Pair {
        theirs: pool.get_message_by_name("t.All").unwrap(),
        binary: codec::Binary::new(&read.definitions, "t.All").unwrap(),
        json: codec::Json::new(&read.definitions, "t.All").unwrap(),
        validator: Validator::new(&shape).unwrap(),
    }
}

/// Numbers from a seed.
struct Dice(u64);

impl Dice {
    fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB) >> 3
    }

    fn below(&mut self, end: u64) -> u64 {
        self.roll() % end
    }

    fn int(&mut self) -> i64 {
        let bits = self.below(64);
        (self.roll() << 3 >> bits).cast_signed() * if self.below(2) == 0 { 1 } else { -1 }
    }

    fn text(&mut self) -> String {
        let letters: Vec<char> = "aZ0 é€😀\"\\\n".chars().collect();
        (0..self.below(8)).map(|_| letters[self.below(letters.len() as u64) as usize]).collect()
    }
}

fn message(of: &MessageDescriptor, dice: &mut Dice, depth: u32) -> DynamicMessage {
    let mut made = DynamicMessage::new(of.clone());
    let set = |made: &mut DynamicMessage, name: &str, value: Value| made.set_field_by_name(name, value);
    match of.full_name() {
        "google.protobuf.Timestamp" => {
            set(&mut made, "seconds", Value::I64(dice.below(253_402_300_800) as i64 - 62_135_596));
            set(&mut made, "nanos", Value::I32(dice.below(1_000_000_000) as i32));
        }
        "google.protobuf.Duration" => {
            let sign = if dice.below(2) == 0 { 1 } else { -1 };
            set(&mut made, "seconds", Value::I64(sign * dice.below(315_576_000_000) as i64));
            set(&mut made, "nanos", Value::I32(sign as i32 * dice.below(1_000_000_000) as i32));
        }
        "google.protobuf.FieldMask" => {
            let paths = (0..dice.below(3)).map(|at| Value::String(format!("order_id.part{at}"))).collect();
            set(&mut made, "paths", Value::List(paths));
        }
        "google.protobuf.Value" => match dice.below(if depth > 3 { 4 } else { 6 }) {
            0 => set(&mut made, "null_value", Value::EnumNumber(0)),
            1 => set(&mut made, "number_value", Value::F64(dice.int() as f64 / 8.0)),
            2 => set(&mut made, "string_value", Value::String(dice.text())),
            3 => set(&mut made, "bool_value", Value::Bool(dice.below(2) == 0)),
            kind => {
                let name = if kind == 4 { "struct_value" } else { "list_value" };
                let field = of.get_field_by_name(name).unwrap();
                let value = single(&field, field.kind(), dice, depth);
                set(&mut made, name, value);
            }
        },
        _ => {
            for field in of.fields() {
                let is_required = field.cardinality() == Cardinality::Required;
                let goes_deeper = matches!(field.kind(), Kind::Message(_));
                if is_required || (dice.below(3) == 0 && !(goes_deeper && depth > 2)) {
                    let value = value(&field, dice, depth);
                    made.set_field(&field, value);
                }
            }
            for extension in of.extensions().filter(|_| depth < 2) {
                let value = if extension.is_list() {
                    Value::List(vec![Value::String(dice.text())])
                } else {
                    Value::I32(dice.int() as i32)
                };
                made.set_extension(&extension, value);
            }
        }
    }
    made
}

fn value(field: &FieldDescriptor, dice: &mut Dice, depth: u32) -> Value {
    let count = dice.below(4);
    if field.is_map() {
        let Kind::Message(entry) = field.kind() else { panic!("a map has entries") };
        let (key, value) = (entry.map_entry_key_field(), entry.map_entry_value_field());
        let entries = (0..count).map(|_| {
            let key = match single(&key, key.kind(), dice, depth) {
                Value::Bool(b) => MapKey::Bool(b),
                Value::I32(n) => MapKey::I32(n),
                Value::I64(n) => MapKey::I64(n),
                Value::U32(n) => MapKey::U32(n),
                Value::U64(n) => MapKey::U64(n),
                Value::String(text) => MapKey::String(text),
                other => panic!("{other:?} is not a key"),
            };
            (key, single(&value, value.kind(), dice, depth))
        });
        return Value::Map(entries.collect());
    }
    if field.is_list() {
        return Value::List((0..count).map(|_| single(field, field.kind(), dice, depth)).collect());
    }
    single(field, field.kind(), dice, depth)
}

fn single(field: &FieldDescriptor, kind: Kind, dice: &mut Dice, depth: u32) -> Value {
    match kind {
        Kind::Double => Value::F64(dice.int() as f64 / 1024.0),
        Kind::Float => Value::F32(dice.int() as i16 as f32 / 7.0),
        Kind::Int32 | Kind::Sint32 | Kind::Sfixed32 => Value::I32(dice.int() as i32),
        Kind::Int64 | Kind::Sint64 | Kind::Sfixed64 => Value::I64(dice.int()),
        Kind::Uint32 | Kind::Fixed32 => Value::U32(dice.int() as u32),
        Kind::Uint64 | Kind::Fixed64 => Value::U64(dice.int() as u64),
        Kind::Bool => Value::Bool(dice.below(2) == 0),
        Kind::String => Value::String(dice.text()),
        Kind::Bytes => Value::Bytes(dice.text().into_bytes().into()),
        Kind::Message(inner) => Value::Message(message(&inner, dice, depth + 1)),
        Kind::Enum(members) => {
            let numbers: Vec<i32> = members.values().map(|member| member.number()).collect();
            // Open enumerations have other numbers as well.
            let is_open = field.parent_file().syntax() == prost_reflect::Syntax::Proto3;
            let at = dice.below(numbers.len() as u64 + u64::from(is_open)) as usize;
            Value::EnumNumber(numbers.get(at).copied().unwrap_or(77))
        }
    }
}

fn compare(pair: &Pair, seed: u64) {
    let made = message(&pair.theirs, &mut Dice(seed), 0).encode_to_vec();
    // As it was read: an empty list that was set is none that is there.
    let theirs = DynamicMessage::decode(pair.theirs.clone(), &*made).unwrap();
    let ours = pair.binary.decode(&made).unwrap();
    pair.validator.check(&ours).unwrap();
    let mut written = Vec::new();
    pair.binary.encode(&ours, &mut written).unwrap();
    // Their descriptors lead back to themselves, so that messages cannot be printed.
    let read = DynamicMessage::decode(pair.theirs.clone(), &*written).unwrap();
    assert!(read == theirs, "{made:?}\n{written:?}");
    // What is written is written in one way.
    let mut again = Vec::new();
    pair.binary.encode(&pair.binary.decode(&written).unwrap(), &mut again).unwrap();
    assert_eq!(again, written);

    let json = serde_json::to_vec(&theirs).unwrap();
    let read = pair.json.decode(&json);
    assert_eq!(read.unwrap(), ours, "{}", String::from_utf8_lossy(&json));
    let mut json = Vec::new();
    pair.json.encode(&ours, &mut json).unwrap();
    let ours: serde_json::Value = serde_json::from_slice(&json).unwrap();
    assert!(are_alike(&ours, &serde_json::to_value(&theirs).unwrap()), "{ours}");
}

/// The fields at the top of a message, each with its tag.
fn entries(message: &[u8]) -> Vec<Vec<u8>> {
    let mut entries = Vec::new();
    let mut rest = message;
    while !rest.is_empty() {
        let after = after_entry(rest);
        entries.push(rest[..rest.len() - after.len()].to_vec());
        rest = after;
    }
    entries
}

fn after_entry(bytes: &[u8]) -> &[u8] {
    let (tag, rest) = varint(bytes);
    match tag & 7 {
        0 => varint(rest).1,
        1 => &rest[8..],
        2 => {
            let (length, rest) = varint(rest);
            &rest[length as usize..]
        }
        3 => {
            let mut rest = rest;
            while varint(rest).0 & 7 != 4 {
                rest = after_entry(rest);
            }
            varint(rest).1
        }
        _ => &rest[4..],
    }
}

fn varint(bytes: &[u8]) -> (u64, &[u8]) {
    let length = bytes.iter().take_while(|byte| **byte >= 0x80).count() + 1;
    let number = bytes[..length].iter().rev().fold(0, |number, byte| number << 7 | u64::from(byte & 0x7F));
    (number, &bytes[length..])
}

/// Two messages after each other, whose fields come in an order of the dice, are one to both.
fn merged(pair: &Pair, seed: u64) {
    let mut dice = Dice(seed);
    let mut all = entries(&message(&pair.theirs, &mut dice, 0).encode_to_vec());
    all.extend(entries(&message(&pair.theirs, &mut dice, 0).encode_to_vec()));
    for at in (1..all.len()).rev() {
        all.swap(at, dice.below(at as u64 + 1) as usize);
    }
    let shuffled = all.concat();
    let theirs = DynamicMessage::decode(pair.theirs.clone(), &*shuffled).unwrap();
    let ours = pair.binary.decode(&shuffled).unwrap();
    pair.validator.check(&ours).unwrap();
    let mut written = Vec::new();
    pair.binary.encode(&ours, &mut written).unwrap();
    let read = DynamicMessage::decode(pair.theirs.clone(), &*written).unwrap();
    assert!(read == theirs, "{shuffled:?}\n{written:?}");
    // Whatever order they came in, a record has them in that of the contract.
    let again = pair.binary.decode(&written).unwrap();
    assert_eq!(again, ours);
    let keys = |value: &tenon_model::Value| -> Vec<String> {
        value.as_map().unwrap().iter().map(|(key, _)| key.to_string()).collect()
    };
    assert_eq!(keys(&again), keys(&ours));
}

/// Whether two documents say the same, numbers by their value.
fn are_alike(one: &serde_json::Value, other: &serde_json::Value) -> bool {
    use serde_json::Value as Json;
    match (one, other) {
        (Json::Number(one), Json::Number(other)) => one.as_f64() == other.as_f64(),
        (Json::Array(one), Json::Array(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| are_alike(one, other))
        }
        (Json::Object(one), Json::Object(other)) => {
            let has =
                |(name, value): (&String, &Json)| other.get(name).is_some_and(|it| are_alike(value, it));
            one.len() == other.len() && one.iter().all(has)
        }
        (one, other) => one == other,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn proto3_is_the_same_to_another_codec(seed: u64) {
        compare(&pair(PROTO3), seed);
    }

    #[test]
    fn proto2_is_the_same_to_another_codec(seed: u64) {
        compare(&pair(PROTO2), seed);
    }

    #[test]
    fn messages_in_parts_and_in_any_order_are_the_same_to_another_codec(seed: u64) {
        merged(&pair(PROTO3), seed);
        merged(&pair(PROTO2), seed);
    }

    #[test]
    fn damaged_messages_are_refused_or_read(seed: u64, changes in proptest::collection::vec((any::<usize>(), any::<u8>()), 1..6)) {
        for text in [PROTO3, PROTO2] {
            let pair = pair(text);
            let mut bytes = message(&pair.theirs, &mut Dice(seed), 0).encode_to_vec();
            for (at, byte) in &changes {
                let length = bytes.len().max(1);
                if let Some(place) = bytes.get_mut(at % length) {
                    *place = *byte;
                }
            }
            if let Ok(value) = pair.binary.decode(&bytes) {
                let mut written = Vec::new();
                pair.binary.encode(&value, &mut written).unwrap();
                prop_assert_eq!(pair.binary.decode(&written).unwrap(), value);
            }
        }
    }
}

/// Files of a folder.
struct Folder(PathBuf);

impl Files for Folder {
    fn read(&self, path: &str) -> Result<Arc<str>, Report> {
        fs::read_to_string(self.0.join(path)).map(Into::into).map_err(|error| {
            Report::new(&tenon_errors::catalogue::contract::BAD_CONTRACT_FILE, error.to_string())
        })
    }
}

fn protos(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            protos(&path, found);
        } else if path.extension().is_some_and(|ending| ending == "proto") {
            found.push(path);
        }
    }
}

#[test]
fn every_file_that_google_publishes_is_read() {
    let wild = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/wild");
    let folder = wild.join("googleapis-common-protos--1.76.0");
    if !folder.exists() {
        eprintln!(
            "SKIPPED: the files of googleapis-common-protos are not there; `cargo xtask wild` fetches them"
        );
        return;
    }
    let mut found = Vec::new();
    protos(&folder, &mut found);
    assert!(found.len() > 50, "{} files", found.len());
    let files = Folder(folder.clone());
    for path in found {
        let name = path.strip_prefix(&folder).unwrap().to_string_lossy().into_owned();
        let text = fs::read_to_string(&path).unwrap();
        let read = protobuf::read(&Source { file: &name, text: &text, files: &files });
        let read = read.unwrap_or_else(|reports| panic!("{name}: {:?}", reports.iter().collect::<Vec<_>>()));
        for definition in &read.schema.types {
            Validator::new(&definition.shape).unwrap();
        }
    }
}

const EDITION: &str = r#"
edition = "2023";
package t;
option features.field_presence = IMPLICIT;
enum Color { option features.enum_type = CLOSED; RED = 1; reserved 5 to 7, 9; reserved "BLUE"; }
message Inner { int32 number = 1 [features.field_presence = EXPLICIT, default = 7]; repeated int32 plain = 2 [features.repeated_field_encoding = EXPANDED]; }
message All { Inner lying = 1 [features.message_encoding = DELIMITED]; reserved 2, 4 to 6; reserved old; oneof one { string a = 8 [deprecated = true]; } map<string, Inner> by_name = 9; }
service Of { rpc Get(Inner) returns (stream All) { option idempotency_level = NO_SIDE_EFFECTS; } }
"#;

/// The same, however nested types are ordered, and without what only serves other ends.
fn plain(
    mut file: prost_reflect::prost_types::FileDescriptorProto,
) -> prost_reflect::prost_types::FileDescriptorProto {
    fn sort(message: &mut prost_reflect::prost_types::DescriptorProto) {
        message.nested_type.sort_by(|a, b| a.name.cmp(&b.name));
        message.nested_type.iter_mut().for_each(sort);
    }
    file.source_code_info = None;
    file.message_type.iter_mut().for_each(sort);
    file
}

#[test]
fn a_file_has_the_descriptor_that_others_make_of_it() {
    for text in [PROTO3, PROTO2, EDITION] {
        let mut compiler = protox::Compiler::with_file_resolver({
            let mut resolver = ChainFileResolver::new();
            resolver.add(Only(text));
            resolver.add(GoogleFileResolver::new());
            resolver
        });
        let described = protobuf::descriptors(&Source { file: "t.proto", text, files: &NoFiles }).unwrap();
        let decode = |bytes: &[u8]| prost_reflect::prost_types::FileDescriptorProto::decode(bytes).unwrap();
        let own = plain(decode(&described[0].bytes));
        match compiler.open_file("t.proto") {
            Ok(_) => {
                let set = compiler.file_descriptor_set();
                let theirs = set.file.into_iter().find(|file| file.name() == "t.proto").unwrap();
                assert_eq!(format!("{own:#?}"), format!("{:#?}", plain(theirs)));
            }
            // Editions are not read by all others; what is written is a descriptor all the same.
            Err(_) => assert!(text == EDITION && own.syntax() == "editions" && own.service.len() == 1),
        }
        let files = described.iter().map(|file| decode(&file.bytes));
        let mut names: Vec<_> = files.map(|file| file.name().to_owned()).collect();
        names.sort_unstable();
        let mut imported: Vec<_> =
            described.iter().flat_map(|file| file.imports.clone()).chain(["t.proto".to_owned()]).collect();
        imported.sort_unstable();
        imported.dedup();
        assert_eq!(names, imported);
    }
    let described =
        protobuf::descriptors(&Source { file: "t.proto", text: EDITION, files: &NoFiles }).unwrap();
    assert_eq!(described[0].symbols, ["t.Inner", "t.All", "t.Color", "t.Of", "t.Of.Get"]);
}
