//! So many images a minute from one address.

use std::net::{IpAddr, Ipv6Addr};
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU32, Ordering};

use actix_web::{HttpRequest, web};
use governor::clock::{Clock as _, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};

use crate::error::WebError;
use crate::settings::Settings;

/// Addresses that have not asked for a while are forgotten after so many requests.
const TIDY_EVERY: u32 = 4096;

/// How often each client has asked.
#[derive(Debug)]
pub(crate) struct RateLimit {
    limiter: DefaultKeyedRateLimiter<IpAddr>,
    clock: DefaultClock,
    limit: u32,
    trust_forwarded_for: bool,
    asked: AtomicU32,
}

impl RateLimit {
    /// `None` where the settings have no limit.
    pub(crate) fn new(settings: &Settings) -> Option<Self> {
        let limit = NonZeroU32::new(settings.rate_limit)?;
        Some(Self {
            limiter: RateLimiter::keyed(Quota::per_minute(limit)),
            clock: DefaultClock::default(),
            limit: limit.get(),
            trust_forwarded_for: settings.trust_forwarded_for,
            asked: AtomicU32::new(0),
        })
    }

    fn check(&self, client: IpAddr) -> Result<(), WebError> {
        if self.asked.fetch_add(1, Ordering::Relaxed) % TIDY_EVERY == TIDY_EVERY - 1 {
            self.limiter.retain_recent();
        }
        self.limiter
            .check_key(&network(client))
            .map_err(|until| WebError::RateLimited {
                limit: self.limit,
                retry_after: until.wait_time_from(self.clock.now()),
            })
    }

    fn client(&self, request: &HttpRequest) -> Option<IpAddr> {
        let forwarded = || {
            let value = request.headers().get_all("x-forwarded-for").last()?;
            value.to_str().ok()?.rsplit(',').next()?.trim().parse().ok()
        };
        let peer = || request.peer_addr().map(|address| address.ip());
        match self.trust_forwarded_for {
            true => forwarded().or_else(peer),
            false => peer(),
        }
    }
}

/// One customer of a provider has a whole /64 of IPv6 addresses.
fn network(client: IpAddr) -> IpAddr {
    match client {
        IpAddr::V4(_) => client,
        IpAddr::V6(address) => match address.to_ipv4_mapped() {
            Some(address) => address.into(),
            None => Ipv6Addr::from_bits(address.to_bits() & (u128::MAX << 64)).into(),
        },
    }
}

/// Counts a request that is to be segmented; nothing else spends what a client has.
///
/// # Errors
///
/// It comes too soon.
pub(crate) fn spend(request: &HttpRequest) -> Result<(), WebError> {
    let limit = request.app_data::<web::Data<Option<RateLimit>>>();
    let Some(limit) = limit.and_then(|limit| limit.as_ref().as_ref()) else {
        return Ok(());
    };
    limit
        .client(request)
        .map_or(Ok(()), |client| limit.check(client))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limit(per_minute: u32) -> RateLimit {
        let settings = Settings {
            rate_limit: per_minute,
            ..Settings::default()
        };
        RateLimit::new(&settings).unwrap()
    }

    #[test]
    fn a_client_is_refused_after_its_share_and_others_are_not() {
        let limit = limit(2);
        let [a, b] = ["192.0.2.1", "192.0.2.2"].map(|ip| ip.parse::<IpAddr>().unwrap());

        limit.check(a).unwrap();
        limit.check(a).unwrap();
        let refusal = limit.check(a).unwrap_err();
        limit.check(b).unwrap();

        assert!((1..=31).contains(&refusal.retry_after().unwrap()));
    }

    #[test]
    fn neighbours_of_one_ipv6_network_share() {
        let limit = limit(1);
        let [a, b, c] = ["2001:db8::1", "2001:db8::2", "2001:db8:0:1::1"]
            .map(|ip| ip.parse::<IpAddr>().unwrap());

        limit.check(a).unwrap();
        limit.check(b).unwrap_err();
        limit.check(c).unwrap();
    }
}
