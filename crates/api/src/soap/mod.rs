//! Operations as SOAP 1.1 and 1.2 over HTTP, by a description in WSDL ([SOAP 1.1](https://www.w3.org/TR/2000/NOTE-SOAP-20000508/), section 6;
//! [SOAP 1.2 Part 2](https://www.w3.org/TR/soap12-part2/), section 7; WS-I Basic Profile 1.1).
//!
//! `head` says what the head of a request tells, `dispatch` which operation it is for, `asked` what that is asked, `answer` the reply, and
//! `faults` whatever else. `description` is what `?wsdl` answers.

mod answer;
mod asked;
mod description;
mod dispatch;
mod faults;
mod head;
mod server;
mod token;

pub(crate) use server::PROTOCOL;
