use chacha20poly1305::aead::{Aead, Generate, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use cookiejar::persist::Seal;

pub struct Cipher(pub XChaCha20Poly1305);

impl Seal for Cipher {
    fn seal(&self, place: &[u8], value: &[u8]) -> Vec<u8> {
        let (nonce, payload) = (XNonce::generate(), Payload { msg: value, aad: place });
        let sealed = self.0.encrypt(&nonce, payload).expect("there is memory");
        [&nonce[..], &sealed].concat()
    }

    fn open(&self, place: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
        let (nonce, sealed) = sealed.split_at_checked(24)?;
        let payload = Payload { msg: sealed, aad: place };
        self.0.decrypt(&XNonce::try_from(nonce).ok()?, payload).ok()
    }
}
