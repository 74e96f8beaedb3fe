//! The reply of a request that may be sent again, as it is stored with its claim. It says what it is, as a message does, so that it is
//! read as that when the contract of replies has gone on.

use tenon_contracts::Said;
use tenon_errors::{Report, catalogue::delivery::REPLY_UNREADABLE};
use tenon_model::{Headers, Value};
use tenon_plan::Flow;
use tenon_ports::Claim;

/// The text of a reply, and what it says of itself; nothing of a flow that does not reply.
///
/// # Errors
/// What writing it reports.
pub(super) fn store(flow: &Flow, value: &Value) -> Result<(String, Headers), Report> {
    let (mut bytes, mut said) = (Vec::with_capacity(256), Headers::new());
    if let Some(reply) = &flow.reply {
        reply.writer.write(value, &mut bytes)?;
        reply.writer.say(&mut said);
    }
    Ok((String::from_utf8_lossy(&bytes).into_owned(), said))
}

/// The reply of an earlier request, as a value of the version that the flow replies with now.
///
/// # Errors
/// `F0032` with the versions where that does not read it.
pub(super) fn load(flow: &Flow, held: &Claim) -> Result<Value, Report> {
    let Some(reply) = &flow.reply else { return Ok(Value::Null) };
    let said = Said::of(&held.said);
    reply.reader.read(held.reply.as_bytes(), said).map_err(|report| {
        let now = &reply.reader.contract().reference;
        let followed = match said.contract {
            Some(before) if *before == now.to_string() => format!("follows `{before}` as it was"),
            Some(before) => format!("follows `{before}`"),
            None => "was stored by an earlier Tenon, which did not note the version".to_owned(),
        };
        let message =
            format!("the request was done, but its reply {followed}, and cannot be read as `{now}`");
        Report::new(&REPLY_UNREADABLE, message)
            .hint("do not send it with another key, which would do it again; read what it has changed")
            .with_details([report])
    })
}
