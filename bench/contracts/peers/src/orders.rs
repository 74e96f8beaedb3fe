//! The transformation of the orders, by hand.

use serde::{Deserialize, Serialize};

use crate::Outcome;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Order {
    id: String,
    placed_at: jiff::Timestamp,
    currency: Currency,
    customer: Customer,
    lines: Vec<Line>,
    note: Option<String>,
}

#[derive(Deserialize, Serialize, Clone, Copy)]
#[serde(rename_all = "UPPERCASE")]
enum Currency {
    Chf,
    Eur,
    Usd,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Customer {
    name: String,
    email: String,
    city: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    sku: String,
    quantity: i64,
    price: f64,
}

#[derive(Serialize)]
struct Invoice {
    number: String,
    placed_at: jiff::Timestamp,
    to: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    city: Option<String>,
    currency: Currency,
    positions: Vec<Position>,
    total: f64,
    is_large: bool,
}

#[derive(Serialize)]
struct Position {
    article: String,
    count: i64,
    amount: f64,
}

fn check(order: &Order) -> Result<(), String> {
    let length = |name: &str, text: &str, min: usize, max: usize| {
        // Characters are counted only where their bytes do not decide it.
        let fits =
            (text.len() >= min * 4 && text.len() <= max) || (min..=max).contains(&text.chars().count());
        if fits { Ok(()) } else { Err(format!("{name} is not of {min} to {max} characters")) }
    };
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if !order.id.strip_prefix("o-").is_some_and(digits) {
        return Err(format!("{:?} is no id", order.id));
    }
    length("name", &order.customer.name, 1, 80)?;
    length("email", &order.customer.email, 0, 120)?;
    length("city", order.customer.city.as_deref().unwrap_or_default(), 0, 80)?;
    length("note", order.note.as_deref().unwrap_or_default(), 0, 500)?;
    if !(1..=50).contains(&order.lines.len()) {
        return Err("there are not 1 to 50 lines".to_owned());
    }
    for line in &order.lines {
        let sku = line.sku.as_bytes();
        let is_sku = sku.len() == 8
            && sku[..3].iter().all(u8::is_ascii_uppercase)
            && sku[3] == b'-'
            && sku[4..].iter().all(u8::is_ascii_digit);
        if !is_sku {
            return Err(format!("{:?} is no article", line.sku));
        }
        if !(1..=1000).contains(&line.quantity) || line.price < 0.0 {
            return Err(format!("{} times {} is not sold", line.quantity, line.price));
        }
    }
    Ok(())
}

pub(crate) fn transform(row: &[u8], out: &mut Vec<u8>) -> Outcome {
    let order: Order = serde_json::from_slice(row)?;
    check(&order)?;
    let is_large = order.lines.len() > 3;
    let position = |line: Line| Position {
        article: line.sku,
        count: line.quantity,
        amount: line.quantity as f64 * line.price,
    };
    let positions: Vec<Position> = order.lines.into_iter().map(position).collect();
    let invoice = Invoice {
        number: format!("i{}", order.id),
        placed_at: order.placed_at,
        to: format!("{} <{}>", order.customer.name, order.customer.email),
        city: order.customer.city,
        currency: order.currency,
        total: positions.iter().map(|position| position.amount).sum(),
        positions,
        is_large,
    };
    Ok(serde_json::to_writer(out, &invoice)?)
}
