//! Avro by `apache-avro` and Protobuf by `prost-reflect`, both without generated types.

use std::{error::Error, fs, path::Path};

use prost_reflect::{DescriptorPool, DynamicMessage, prost::Message};
use protox::file::{ChainFileResolver, File, FileResolver, GoogleFileResolver};

use crate::best;

pub(crate) fn measure(folder: &Path) -> Result<(), Box<dyn Error>> {
    let messages = read(&folder.join("avro.messages"))?;
    let schema = apache_avro::Schema::parse_str(include_str!("../../flight.avsc"))?;
    let reader = apache_avro::reader::datum::GenericDatumReader::builder(&schema).build()?;
    best("avro: decode", &messages, |message| reader.read_value(&mut &message[..]).map(drop))?;

    let messages = read(&folder.join("protobuf.messages"))?;
    let mut resolver = ChainFileResolver::new();
    resolver.add(Flight);
    resolver.add(GoogleFileResolver::new());
    let mut compiler = protox::Compiler::with_file_resolver(resolver);
    compiler.include_imports(true).open_file("flight.proto")?;
    let pool: DescriptorPool = compiler.descriptor_pool();
    let flight = pool.get_message_by_name("bench.Flight").ok_or("the file has no flight")?;
    best("protobuf: decode", &messages, |message| {
        DynamicMessage::decode(flight.clone(), &message[..]).map(drop)
    })?;
    let values: Vec<_> = messages
        .iter()
        .map(|message| DynamicMessage::decode(flight.clone(), &message[..]))
        .collect::<Result<_, _>>()?;
    let mut out = Vec::new();
    best("protobuf: encode", &values, |value| {
        out.clear();
        value.encode(&mut out)
    })?;
    Ok(())
}

struct Flight;

impl FileResolver for Flight {
    fn open_file(&self, name: &str) -> Result<File, protox::Error> {
        match name {
            "flight.proto" => File::from_source(name, include_str!("../../flight.proto")),
            _ => Err(protox::Error::file_not_found(name)),
        }
    }
}

/// The messages of a file, each after its length in four bytes.
fn read(path: &Path) -> Result<Vec<Vec<u8>>, Box<dyn Error>> {
    let file = fs::read(path)?;
    let (mut rest, mut messages) = (&file[..], Vec::new());
    while let Some((length, after)) = rest.split_first_chunk::<4>() {
        let (message, next) = after.split_at(u32::from_le_bytes(*length) as usize);
        messages.push(message.to_vec());
        rest = next;
    }
    Ok(messages)
}
