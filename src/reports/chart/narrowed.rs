//! What a chart is narrowed to, in words: a picture in a letter must say that it does not speak of the whole.

use super::{
    super::scope::View,
    words::{Words, isolated},
};
use crate::{
    db::Conn,
    error::ApiError,
    http::query::AnyOf,
    neighborhoods::Designation,
    reports::{dto::NamedRef, refs},
};

/// The filter by its names, and the interval; empty where the report speaks of all.
///
/// # Errors
/// Those of the database.
pub fn narrowed(conn: &mut Conn, view: &View<'_>, words: &Words) -> Result<String, ApiError> {
    let filter = &view.asked.filter;
    let mut parts = Vec::new();
    if let Some(AnyOf(ids)) = &filter.neighborhood_id {
        let known = refs::places(conn, view)?;
        parts.push(names(words, words.say("محله", "neighbourhood"), ids.iter().filter_map(|id| known.get(id))));
    }
    if let Some(AnyOf(ids)) = &filter.agency_id {
        let known = refs::agencies(conn, view)?;
        parts.push(names(words, words.say("دستگاه", "agency"), ids.iter().filter_map(|id| known.get(id))));
    }
    if let Some(AnyOf(keys)) = &filter.domain {
        let known = refs::domains(conn, view)?;
        let of = |key: &str| known.values().find(|domain| crate::persian::code_key(&domain.code) == key);
        parts.push(names(words, words.say("حوزه", "domain"), keys.iter().filter_map(|key| of(&key.0))));
    }
    if let Some(AnyOf(designations)) = &filter.designation {
        let of: Vec<&str> = designations.iter().map(|designation| word(words, *designation)).collect();
        parts.push(format!("{}: {}", words.say("نوع محله", "designation"), of.join(words.say("، ", ", "))));
    }
    if let Some(from) = view.asked.from {
        parts.push(format!("{} {}", words.say("از", "from"), words.day(from)));
    }
    if let Some(to) = view.asked.to {
        parts.push(format!("{} {}", words.say("تا", "to"), words.day(to)));
    }
    Ok(parts.join(" · "))
}

fn names<'a>(words: &Words, kind: &str, of: impl Iterator<Item = &'a NamedRef>) -> String {
    let names: Vec<String> = of.map(|named| isolated(&words.name(named))).collect();
    let names = if names.is_empty() { "—".to_owned() } else { names.join(words.say("، ", ", ")) };
    format!("{kind}: {names}")
}

const fn word(words: &Words, designation: Designation) -> &'static str {
    match designation {
        Designation::None => words.say("هیچ", "none"),
        Designation::Model => words.say("الگو", "model"),
        Designation::Expansion => words.say("توسعه", "expansion"),
    }
}
