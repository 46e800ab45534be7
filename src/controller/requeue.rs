//! When a store is looked at again.
//!
//! Pure: jitter is an argument. Waiting for a person or a Secret is slow and steady, waiting for a vendor backs off,
//! a resync is spread so that stores of one account do not come in herds.

use std::time::Duration;

/// The first pause after a failure.
const FIRST_PAUSE: Duration = Duration::from_secs(2);
/// The longest pause after failures.
const LONGEST_PAUSE: Duration = Duration::from_secs(300);
/// How often a Secret that is awaited is looked for (`api.md`).
pub const SECRET_PAUSE: Duration = Duration::from_secs(30);

/// A pause after `failures` failures in a row, with full jitter; `jitter` is between 0 and 1.
///
/// Never below half a second: a failing helpdesk must not be met by a hot loop.
pub fn back_off(failures: u32, jitter: f64) -> Duration {
    let ceiling = FIRST_PAUSE.saturating_mul(1_u32 << failures.saturating_sub(1).min(16)).min(LONGEST_PAUSE);
    ceiling.mul_f64(jitter.clamp(0.0, 1.0)).max(Duration::from_millis(500))
}

/// A resync period spread by plus or minus ten percent.
pub fn spread(period: Duration, jitter: f64) -> Duration {
    period.mul_f64(0.9 + 0.2 * jitter.clamp(0.0, 1.0))
}

/// Reads a period such as `1h`, `90m` or `1h30m`; `None` where it is not one, or is no time at all.
pub fn parse_period(text: &str) -> Option<Duration> {
    let period = Duration::try_from(crate::api::formats::parse_duration(text)?).ok()?;
    (!period.is_zero()).then_some(period)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_to_five_minutes_and_never_fall_below_half_a_second() {
        let pauses: Vec<u64> = (1..=10).map(|failures| back_off(failures, 1.0).as_secs()).collect();
        assert_eq!(pauses, [2, 4, 8, 16, 32, 64, 128, 256, 300, 300]);
        assert_eq!(back_off(1, 0.0), Duration::from_millis(500));
        assert_eq!(back_off(u32::MAX, 1.0), Duration::from_secs(300));
    }

    #[test]
    fn a_resync_is_spread_by_a_tenth_to_either_side() {
        assert_eq!(spread(Duration::from_secs(100), 0.0), Duration::from_secs(90));
        assert_eq!(spread(Duration::from_secs(100), 1.0), Duration::from_secs(110));
    }

    #[test]
    fn periods_are_read_and_nonsense_is_not() {
        assert_eq!(parse_period("1h"), Some(Duration::from_secs(3600)));
        assert_eq!(parse_period("1h30m"), Some(Duration::from_secs(5400)));
        for text in ["", "1", "h", "1d", "0m", "99999999999999999999h"] {
            assert_eq!(parse_period(text), None, "{text}");
        }
    }
}
