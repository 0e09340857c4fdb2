//! `mahalleh verify-events`.

use super::{Done, no_province, open_current, say, sentence, target};
use crate::{
    db::{Conn, in_snapshot},
    error::ApiError,
    events::{self, ChainState},
    provinces::{self, Province},
};

#[derive(Debug, clap::Args)]
pub(super) struct Options {
    /// The province's code; all provinces where it is not given.
    #[arg(long)]
    province: Option<String>,
}

impl Options {
    pub(super) fn run(self) -> Done {
        let target = target()?;
        let mut conn = open_current(&target)?;
        let wanted = match &self.province {
            Some(code) => provinces::find(&mut conn, code).map(|one| vec![one]).map_err(|error| no_province(&error, code, &target))?,
            None => provinces::all(&mut conn).map_err(|error| sentence(&error))?,
        };
        if wanted.is_empty() {
            return Err("There is no province in this database.".into());
        }
        let verdicts = wanted.into_iter().map(|province| verdict(&mut conn, province)).collect::<Result<Vec<_>, _>>();
        let mut broken = Vec::new();
        for (province, verdict) in verdicts.map_err(|error| sentence(&error))? {
            match verdict {
                ChainState::Sound { events, unsealed } => {
                    say(&format!("{}: {events} events follow one from another, {unsealed} wait to be sealed.", province.code))?;
                }
                ChainState::Broken { seq } => {
                    say(&format!("{}: broken at seq {seq}.", province.code))?;
                    broken.push(province.code);
                }
            }
        }
        if broken.is_empty() { Ok(()) } else { Err(format!("The events of {} were changed, removed or inserted.", broken.join(", "))) }
    }
}

fn verdict(conn: &mut Conn, province: Province) -> Result<(Province, ChainState), ApiError> {
    let verdict = in_snapshot(conn, |conn| events::verify(conn, province.id))?;
    Ok((province, verdict))
}
