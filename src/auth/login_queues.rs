//! Who waits to have a password checked.

use tokio::sync::{Mutex, MutexGuard, Semaphore, SemaphorePermit};
use xxhash_rust::xxh3::xxh3_64;

use super::password;
use crate::{error::ApiError, persian};

/// How many queues there are; two names seldom share one.
const QUEUES: u64 = 256;
/// How many logins of one address are handled at a time, so that somebody who tries very many names does not hold up those who log in
/// from elsewhere.
const MAX_LOGINS_PER_ADDRESS: usize = 2;

/// The queues of names at addresses, and of addresses.
pub struct LoginQueues {
    names: Vec<Mutex<()>>,
    addresses: Vec<Semaphore>,
}

impl Default for LoginQueues {
    fn default() -> Self {
        Self {
            names: (0..QUEUES).map(|_| Mutex::default()).collect(),
            addresses: (0..QUEUES).map(|_| Semaphore::new(MAX_LOGINS_PER_ADDRESS)).collect(),
        }
    }
}

impl LoginQueues {
    /// The turn of a name at an address, held until a password is judged. Without it, passwords tried at once could be checked beyond the
    /// limit, or right ones tried at once be counted as failures. The names of one address have few turns at a time.
    ///
    /// # Errors
    /// `busy` where it does not come in time.
    pub async fn turn(&self, username: &str, address: &str) -> Result<Turn<'_>, ApiError> {
        let name = format!("{address} {}", persian::code_key(username));
        let (of_name, of_address) = (at(&self.names, &name)?, at(&self.addresses, address)?);
        let both = async {
            // The queue of the address first: those who wait in it, however many, hold no name's turn meanwhile.
            let address = of_address.acquire().await.map_err(ApiError::internal)?;
            Ok(Turn { _name: of_name.lock().await, _address: address })
        };
        tokio::time::timeout(password::CHECK_TIMEOUT, both).await.map_err(|_| ApiError::busy())?
    }
}

/// Somebody's turn to have a password checked.
pub struct Turn<'a> {
    _name: MutexGuard<'a, ()>,
    _address: SemaphorePermit<'a>,
}

/// The one of these to which a text always leads.
fn at<'a, T>(queues: &'a [T], text: &str) -> Result<&'a T, ApiError> {
    let number = usize::try_from(xxh3_64(text.as_bytes()) % QUEUES).ok();
    number.and_then(|number| queues.get(number)).ok_or_else(|| ApiError::internal("fewer queues than turns"))
}
