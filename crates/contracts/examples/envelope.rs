//! Messages of SOAP by a description, for comparing them with other makers' (`interop/soap.py`): the description, the binding, the operation
//! and what to do are arguments; the message or its value in JSON comes in on one side and goes out on the other.

use std::{
    error::Error,
    fs,
    io::{Read, Write},
};

use tenon_contracts::{
    format::{NoFiles, Source},
    json,
    wsdl::{Document, Reply},
};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [file, binding, operation, what] = &arguments[..] else {
        return Err(
            "usage: envelope FILE BINDING OPERATION encode-request|decode-request|encode-reply|decode-reply"
                .into(),
        );
    };
    let text = fs::read_to_string(file)?;
    let source = Source { file, text: &text, files: &NoFiles };
    let document = Document::read(&source)
        .map_err(|reports| reports.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))?;
    let envelope = document.envelope(binding, operation)?;
    let mut input = Vec::new();
    std::io::stdin().read_to_end(&mut input)?;
    let schema = document.schema();
    let described =
        schema.operations.iter().find(|it| it.name == operation.as_str()).ok_or("no such operation")?;
    let mut out = Vec::new();
    match what.as_str() {
        "encode-request" => {
            envelope.encode_request(&json::Decoder::new(&described.input)?.decode(&input)?, &mut out)?;
        }
        "encode-reply" => {
            envelope.encode_reply(&json::Decoder::new(&described.output)?.decode(&input)?, &mut out)?;
        }
        "decode-request" => out = json::to_string(&envelope.decode_request(&input)?).into_bytes(),
        "decode-reply" => match envelope.decode_reply(&input)? {
            Reply::Value(value) => out = json::to_string(&value).into_bytes(),
            Reply::Fault(fault) => return Err(format!("a fault: {fault:?}").into()),
        },
        other => return Err(format!("there is no `{other}`").into()),
    }
    std::io::stdout().write_all(&out)?;
    Ok(())
}
