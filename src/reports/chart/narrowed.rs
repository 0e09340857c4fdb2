//! What a chart is narrowed to, in words: a picture in a letter must say that it does not speak of the whole.

use super::{
    super::{refs, scope::View},
    words::{Words, isolated},
};
use crate::{db::Conn, error::ApiError, http::query::AnyOf, imports::Spoken, neighborhoods::Designation, persian::code_key};

/// How many names of a kind are written out.
const NAMED: usize = 3;

/// What the query narrows the report to: the interval, where the chart shows what it bounds, and the filter by its names. Empty
/// where it asks for all that the caller sees.
///
/// # Errors
/// Those of the database.
pub fn narrowed(conn: &mut Conn, view: &View<'_>, words: &Words, by_interval: bool) -> Result<Vec<String>, ApiError> {
    let filter = &view.query.filter;
    let mut parts = Vec::new();
    let bounds = [(words.say("از", "from"), view.query.from), (words.say("تا", "to"), view.query.to)];
    let told = bounds.into_iter().filter_map(|(word, day)| day.filter(|_| by_interval).map(|day| format!("{word} {}", words.day(day))));
    parts.extend(told);
    if let Some(AnyOf(ids)) = &filter.neighborhood_id {
        let known = refs::neighborhoods(conn, view)?;
        parts.push(names(words, words.say("محله", "neighbourhood"), ids.iter().filter_map(|id| known.get(id)).map(|of| words.name(of))));
    }
    if let Some(AnyOf(ids)) = &filter.agency_id {
        let known = refs::agencies(conn, view)?;
        parts.push(names(words, words.say("دستگاه", "agency"), ids.iter().filter_map(|id| known.get(id)).map(|of| words.name(of))));
    }
    if let Some(AnyOf(keys)) = &filter.domain {
        let known = refs::domains(conn, view)?;
        let of = |key: &str| known.values().find(|domain| code_key(&domain.code) == key);
        parts.push(names(words, words.say("حوزه", "domain"), keys.iter().filter_map(|key| of(&key.0)).map(|of| words.name(of))));
    }
    if let Some(AnyOf(designations)) = &filter.designation {
        let persian = |of: Designation| Designation::NAMES.iter().find(|(known, _)| *known == of).map_or("", |(_, name)| *name);
        let of = designations.iter().map(|of| if words.language.is_english() { of.as_str() } else { persian(*of) }.to_owned());
        parts.push(names(words, words.say("نوع محله", "designation"), of));
    }
    Ok(parts)
}

/// A kind of thing, with the first names and how many there are more.
fn names(words: &Words, kind: &str, of: impl Iterator<Item = String>) -> String {
    let all: Vec<String> = of.map(|name| isolated(&name)).collect();
    let more = all.len().saturating_sub(NAMED);
    let shown = all.get(..NAMED).unwrap_or(&all).join(words.say("، ", ", "));
    let rest = match i64::try_from(more) {
        Ok(more) if more > 0 => format!(" {} {} {}", words.say("و", "and"), words.number(more), words.say("دیگر", "more")),
        _ => String::new(),
    };
    if all.is_empty() { format!("{kind}: —") } else { format!("{kind}: {shown}{rest}") }
}
