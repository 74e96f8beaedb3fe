//! The stored form of what a request changes: JSON, as `[["topics/sales", "IDENTITY", MARK], ["shop.db", null, null]]`.

use tenon_model::Str;
use tenon_ports::ClaimPlace;

type Stored = (String, Option<String>, Option<u64>);

pub(super) fn store(places: &[ClaimPlace]) -> String {
    let stored = |place: &ClaimPlace| -> Stored {
        let (identity, mark) = place.topic.clone().unzip();
        (place.part.to_string(), identity.map(|it| it.to_string()), mark)
    };
    // Texts and numbers: nothing that JSON cannot say.
    serde_json::to_string(&places.iter().map(stored).collect::<Vec<_>>()).unwrap_or_default()
}

/// `None` if it was not written by [`store`].
pub(super) fn load(text: &str) -> Option<Vec<ClaimPlace>> {
    let places: Vec<Stored> = serde_json::from_str(text).ok()?;
    let place = |(part, identity, mark): Stored| ClaimPlace {
        part: part.into(),
        topic: identity.map(Str::from).zip(mark),
    };
    Some(places.into_iter().map(place).collect())
}
