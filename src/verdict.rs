//! Everything that speaks against a write, found at once: a request is answered with the gravest kind, in the order of
//! CONTRACT §1; an import reports all of it.

use crate::{
    error::{ApiError, ProblemCode},
    fault::{Fault, FaultCode},
};

/// What was found.
#[derive(Debug, Default)]
pub struct Verdict {
    rights: Vec<ApiError>,
    conflicts: Vec<ApiError>,
    faults: Vec<Fault>,
}

impl Verdict {
    /// Takes the refusal of a right (403), where there is one.
    pub fn rights(&mut self, judged: Result<(), ApiError>) {
        self.rights.extend(judged.err());
    }

    /// Takes a conflict with what is there (409), where there is one.
    pub fn conflict(&mut self, judged: Result<(), ApiError>) {
        self.conflicts.extend(judged.err());
    }

    /// Takes faults of reference and rule (422).
    pub fn faults(&mut self, faults: impl IntoIterator<Item = Fault>) {
        self.faults.extend(faults);
    }

    /// Whether nothing speaks against it.
    pub const fn is_clean(&self) -> bool {
        self.rights.is_empty() && self.conflicts.is_empty() && self.faults.is_empty()
    }

    /// Refuses with the gravest kind; what `version` refuses (412) comes after rights and before conflicts.
    ///
    /// # Errors
    /// The first right, what `version` gives, the first conflict, or 422 with all faults.
    pub fn refuse(self, version: impl FnOnce() -> Result<(), ApiError>) -> Result<(), ApiError> {
        if let Some(error) = self.rights.into_iter().next() {
            return Err(error);
        }
        version()?;
        match self.conflicts.into_iter().next() {
            Some(error) => Err(error),
            None => ApiError::refuse(self.faults),
        }
    }

    /// All of it as faults; what concerns no single field has an empty pointer.
    pub fn into_faults(self) -> Vec<Fault> {
        let whole = |error: ApiError| {
            if !error.faults.is_empty() {
                return error.faults;
            }
            // `last_administrator` is the only conflict without a field; a refused right without one concerns the whole row.
            let code = if error.code == ProblemCode::LastAdministrator { FaultCode::LastAdministrator } else { FaultCode::Forbidden };
            vec![Fault::at("", code)]
        };
        let all = self.rights.into_iter().chain(self.conflicts).flat_map(whole).chain(self.faults);
        // Two rules may say the same of a row.
        all.fold(Vec::new(), |mut faults, fault| {
            if !faults.contains(&fault) {
                faults.push(fault);
            }
            faults
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn full() -> Verdict {
        let mut verdict = Verdict::default();
        verdict.faults([Fault::at("/due_on", FaultCode::DatesOutOfOrder)]);
        verdict.conflict(Err(ApiError::on_fields(ProblemCode::Frozen, FaultCode::Frozen, &["weight"])));
        verdict.rights(Err(ApiError::forbidden()));
        verdict
    }

    #[test]
    fn a_request_hears_the_gravest_and_an_import_all() {
        assert_eq!(
            full().refuse(|| Err(ApiError::new(ProblemCode::StaleVersion))).map_err(|error| error.code),
            Err(ProblemCode::Forbidden)
        );
        let mut no_right = full();
        no_right.rights.clear();
        assert_eq!(
            no_right.refuse(|| Err(ApiError::new(ProblemCode::StaleVersion))).map_err(|error| error.code),
            Err(ProblemCode::StaleVersion)
        );
        let mut in_time = full();
        in_time.rights.clear();
        assert_eq!(in_time.refuse(|| Ok(())).map_err(|error| error.code), Err(ProblemCode::Frozen));
        let codes: Vec<_> = full().into_faults().into_iter().map(|fault| (fault.location().to_owned(), fault.code)).collect();
        let expected = [("", FaultCode::Forbidden), ("/weight", FaultCode::Frozen), ("/due_on", FaultCode::DatesOutOfOrder)];
        assert_eq!(codes, expected.map(|(place, code)| (place.to_owned(), code)));
        assert!(Verdict::default().refuse(|| Ok(())).is_ok());
    }
}
