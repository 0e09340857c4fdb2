//! Signing keys: rows, the private part encrypted with the secret of this installation (DESIGN §4, decision 13).

use std::{
    os::unix::fs::PermissionsExt,
    path::Path,
    sync::{Arc, PoisonError, RwLock},
};

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use chacha20poly1305::{
    ChaCha20Poly1305, KeyInit,
    aead::{Aead, Payload},
};
use diesel::{ExpressionMethods, QueryDsl, RunQueryDsl};
use ed25519_dalek::{SigningKey, pkcs8::EncodePrivateKey};
use jsonwebtoken::{DecodingKey, EncodingKey};
use sha2::{Digest, Sha256};

use crate::{
    clock::World,
    db::{Conn, Timestamp, lock_installation, schema::signing_keys::dsl},
    error::ApiError,
};

/// How long a new key is published before it signs, in seconds: longer than any server takes to read it.
const PUBLISHED_BEFORE: i64 = 10;
/// How often a server looks for new keys, in seconds.
const REREAD_SECONDS: i64 = 5;
/// How long a key that no longer signs is kept, in seconds: longer than its last token lives.
const KEPT_AFTER: i64 = 3600;

/// The secret that encrypts private keys, and stored answers that hold a secret.
#[derive(Clone)]
pub struct Secret([u8; 32]);

impl Secret {
    /// Reads the secret's file, or makes it where it is absent, for the owner's eyes alone.
    ///
    /// # Errors
    /// A sentence for the operator.
    pub fn read_or_make(path: &Path, world: &World) -> Result<Self, String> {
        if !path.exists() {
            let secret = BASE64_URL_SAFE_NO_PAD.encode(world.random_bytes::<32>());
            let made = make_private(path, &secret, &world.new_id().to_string());
            made.map_err(|error| format!("the secret file {} can't be made: {error}", path.display()))?;
        }
        // Another server may have been quicker; what lies there counts.
        Self::read(path)
    }

    /// The secret of this installation, which the transaction locks. It is made only where its file is absent and there is no key yet,
    /// since a new secret would fit no key.
    ///
    /// # Errors
    /// Those of the database; `internal` with a sentence for the operator where the file can't be read or made.
    pub fn find(conn: &mut Conn, path: &Path, world: &World) -> Result<Self, ApiError> {
        lock_installation(conn)?;
        let found = if are_there(conn)? { Self::read(path) } else { Self::read_or_make(path, world) };
        found.map_err(ApiError::internal)
    }

    /// Reads the secret's file.
    ///
    /// # Errors
    /// A sentence for the operator.
    pub fn read(path: &Path) -> Result<Self, String> {
        let text = std::fs::read_to_string(path).map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => {
                format!("the secret file {} is not there, with which the signing keys are encrypted", path.display())
            }
            _ => format!("the secret file {} can't be read: {error}", path.display()),
        })?;
        let is_open = std::fs::metadata(path).is_ok_and(|file| file.permissions().mode() & 0o077 != 0);
        if is_open {
            tracing::warn!(path = %path.display(), "others than its owner may read the secret file; `chmod 600` keeps it to the owner");
        }
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(text.trim()).unwrap_or_default();
        let wrong = |_| format!("the secret file {} does not hold 32 bytes in base64url", path.display());
        <[u8; 32]>::try_from(bytes.as_slice()).map(Self).map_err(wrong)
    }

    fn cipher(&self) -> ChaCha20Poly1305 {
        ChaCha20Poly1305::new(&self.0.into())
    }

    /// A keyed digest: without the secret nobody can find its input by trying.
    pub fn fingerprint(&self, parts: &[&[u8]]) -> Vec<u8> {
        let mut digest = Sha256::new_with_prefix(self.0);
        for part in parts {
            digest.update(part);
        }
        digest.finalize().to_vec()
    }

    /// Encrypts a text under a name, which decrypting must give again.
    ///
    /// # Errors
    /// `internal`, where the text is too long to be encrypted.
    pub fn seal(&self, nonce: [u8; 12], name: &str, text: &[u8]) -> Result<Vec<u8>, ApiError> {
        let payload = Payload { msg: text, aad: name.as_bytes() };
        let sealed = self.cipher().encrypt(&nonce.into(), payload).map_err(ApiError::internal)?;
        Ok([&nonce, sealed.as_slice()].concat())
    }

    /// Decrypts what was sealed under a name.
    pub fn open(&self, name: &str, sealed: &[u8]) -> Option<Vec<u8>> {
        let (nonce, text) = sealed.split_first_chunk::<12>()?;
        self.cipher().decrypt(&(*nonce).into(), Payload { msg: text, aad: name.as_bytes() }).ok()
    }
}

/// Makes a file for the owner's eyes alone, whole or not at all; one that is there stays.
fn make_private(path: &Path, text: &str, unique: &str) -> std::io::Result<()> {
    use std::{io::Write, os::unix::fs::OpenOptionsExt};
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder)?;
    }
    let draft = path.with_extension(unique);
    let mut file = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&draft)?;
    let written = file.write_all(text.as_bytes()).and_then(|()| file.sync_all());
    let linked = written.and_then(|()| std::fs::hard_link(&draft, path));
    std::fs::remove_file(&draft)?;
    match linked {
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Ok(()),
        linked => linked,
    }
}

/// One key.
pub struct Key {
    /// Its name in the header of a token.
    pub kid: String,
    /// The public part, 32 bytes.
    pub public: Vec<u8>,
    /// When it begins to sign.
    pub signs_from: Timestamp,
    /// The key for verifying.
    pub decoding: DecodingKey,
    /// The key for signing.
    pub encoding: EncodingKey,
}

/// Whether there is a key.
///
/// # Errors
/// Those of the database.
pub fn are_there(conn: &mut Conn) -> Result<bool, ApiError> {
    Ok(diesel::select(diesel::dsl::exists(dsl::signing_keys.select(dsl::kid))).get_result(conn)?)
}

/// The keys as a server last read them.
pub struct KeyRing {
    secret: Secret,
    read: RwLock<(Timestamp, Arc<Vec<Key>>)>,
}

impl KeyRing {
    /// Reads the keys; makes the first where there is none. Inside a transaction, since servers may start together.
    ///
    /// # Errors
    /// Those of the database; `internal` where the secret is not the one that encrypted them.
    pub fn open(conn: &mut Conn, secret: Secret, world: &World) -> Result<Self, ApiError> {
        lock_installation(conn)?;
        let now = world.now();
        if !are_there(conn)? {
            insert(conn, &secret, world, now)?;
        }
        let keys = read(conn, &secret)?;
        Ok(Self { secret, read: RwLock::new((now, Arc::new(keys))) })
    }

    /// The secret of this installation.
    pub fn secret(&self) -> Secret {
        self.secret.clone()
    }

    /// The keys as last read.
    pub fn known(&self) -> Arc<Vec<Key>> {
        Arc::clone(&self.read.read().unwrap_or_else(PoisonError::into_inner).1)
    }

    /// The keys, read anew where the last reading is some seconds old.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn fresh(&self, db: &crate::db::Db, now: Timestamp) -> Result<Arc<Vec<Key>>, ApiError> {
        let read_at = self.read.read().unwrap_or_else(PoisonError::into_inner).0;
        let age = now.micros().saturating_sub(read_at.micros());
        if (0..REREAD_SECONDS * 1_000_000).contains(&age) {
            return Ok(self.known());
        }
        let secret = self.secret.clone();
        let keys = Arc::new(db.read_now(move |conn| read(conn, &secret)).await?);
        *self.read.write().unwrap_or_else(PoisonError::into_inner) = (now, Arc::clone(&keys));
        Ok(keys)
    }
}

/// The key that signs at an instant: the newest whose time has come.
pub fn signer(keys: &[Key], now: Timestamp) -> Option<&Key> {
    keys.iter().filter(|key| key.signs_from <= now).max_by_key(|key| key.signs_from).or_else(|| keys.first())
}

fn read(conn: &mut Conn, secret: &Secret) -> Result<Vec<Key>, ApiError> {
    let rows = dsl::signing_keys
        .order((dsl::signs_from, dsl::kid))
        .select((dsl::kid, dsl::public_key, dsl::sealed_private_key, dsl::signs_from))
        .load::<(String, Vec<u8>, Vec<u8>, Timestamp)>(conn)?;
    let open = |(kid, public, sealed, signs_from): (String, Vec<u8>, Vec<u8>, Timestamp)| {
        let private = secret
            .open(&kid, &sealed)
            .ok_or_else(|| ApiError::internal("the secret file is not the one that encrypted the signing keys"))?;
        let decoding = DecodingKey::from_ed_der(&public);
        Ok(Key { kid, public, signs_from, decoding, encoding: EncodingKey::from_ed_der(&private) })
    };
    rows.into_iter().map(open).collect()
}

fn insert(conn: &mut Conn, secret: &Secret, world: &World, signs_from: Timestamp) -> Result<String, ApiError> {
    let private = SigningKey::from_bytes(&world.random_bytes::<32>());
    let der = private.to_pkcs8_der().map_err(ApiError::internal)?;
    let kid = BASE64_URL_SAFE_NO_PAD.encode(world.random_bytes::<12>());
    diesel::insert_into(dsl::signing_keys)
        .values((
            dsl::kid.eq(&kid),
            dsl::public_key.eq(private.verifying_key().to_bytes().to_vec()),
            dsl::sealed_private_key.eq(secret.seal(world.random_bytes::<12>(), &kid, der.as_bytes())?),
            dsl::created_at.eq(world.now()),
            dsl::signs_from.eq(signs_from),
        ))
        .execute(conn)?;
    Ok(kid)
}

/// Adds a key that signs after it has been published for a while, and removes those that nobody needs any more.
///
/// # Errors
/// Those of the database.
pub fn rotate(conn: &mut Conn, secret: &Secret, world: &World) -> Result<String, ApiError> {
    let now = world.now();
    let known = read(conn, secret)?;
    let successors = known.iter().skip(1).map(|next| next.signs_from);
    for (old, succeeded_at) in known.iter().zip(successors) {
        if succeeded_at.plus_seconds(KEPT_AFTER) < now {
            diesel::delete(dsl::signing_keys.find(&old.kid)).execute(conn)?;
        }
    }
    let signs_from = if known.is_empty() { now } else { now.plus_seconds(PUBLISHED_BEFORE) };
    insert(conn, secret, world, signs_from)
}
