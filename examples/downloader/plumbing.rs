//! Two things that `ureq` leaves to whoever needs them, in the places that it has for them.

use std::collections::HashMap;
use std::io;
use std::net::SocketAddr;
use std::sync::{Mutex, PoisonError};

use ureq::Error;
use ureq::config::Config;
use ureq::http::Uri;
use ureq::http::uri::{Authority, Scheme};
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{Buffers, ConnectionDetails, Connector, NextTimeout, Transport};

/// Asks for each host's address once in a run. `ureq` asks for every request, also when it then takes a
/// connection that is open, and starts a thread each time so that it can stop waiting for the answer.
#[derive(Debug, Default)]
pub struct ResolveOnce {
    known: Mutex<HashMap<(Scheme, Authority), Vec<SocketAddr>>>,
    system: DefaultResolver,
}

impl Resolver for ResolveOnce {
    fn resolve(
        &self,
        uri: &Uri,
        config: &Config,
        timeout: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, Error> {
        // With the scheme, because a port that is not written depends on it.
        let key = uri.scheme().cloned().zip(uri.authority().cloned());
        if let Some(key) = &key
            && let Some(addresses) = self.known.lock().unwrap_or_else(PoisonError::into_inner).get(key)
        {
            let mut found = self.empty();
            addresses.iter().for_each(|&address| found.push(address));
            return Ok(found);
        }
        // Without the lock: one slow name must not hold up the others.
        let found = self.system.resolve(uri, config, timeout)?;
        if let Some(key) = key {
            let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
            known.insert(key, found.to_vec());
        }
        Ok(found)
    }
}

/// Makes a reset connection an error. `ureq` takes it for the end of the body, which is what it looks like
/// when a body has neither a length nor chunks: half a file would pass for a whole one.
#[derive(Debug)]
pub struct NoticeResets;

impl<In: Transport> Connector<In> for NoticeResets {
    type Out = Noticing<In>;

    fn connect(&self, _: &ConnectionDetails, chained: Option<In>) -> Result<Option<Self::Out>, Error> {
        Ok(chained.map(Noticing))
    }
}

#[derive(Debug)]
pub struct Noticing<T>(T);

impl<T: Transport> Transport for Noticing<T> {
    fn await_input(&mut self, timeout: NextTimeout) -> Result<bool, Error> {
        self.0.await_input(timeout).map_err(|error| match error {
            Error::Io(e) if is_reset(&e) => {
                Error::Io(io::Error::new(io::ErrorKind::BrokenPipe, e.to_string()))
            }
            error => error,
        })
    }

    fn buffers(&mut self) -> &mut dyn Buffers {
        self.0.buffers()
    }

    fn transmit_output(&mut self, amount: usize, timeout: NextTimeout) -> Result<(), Error> {
        self.0.transmit_output(amount, timeout)
    }

    fn is_open(&mut self) -> bool {
        self.0.is_open()
    }

    fn is_tls(&self) -> bool {
        self.0.is_tls()
    }
}

fn is_reset(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::ConnectionReset | io::ErrorKind::ConnectionAborted)
}
