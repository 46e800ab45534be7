//! The budget with the runtime's clock stopped: rates, lanes, pauses, order, the breaker. Must not wait in real time.

use super::*;

const LANES: LaneLimits = LaneLimits {
    user_update_interval: Duration::from_millis(1020),
    updates_per_user: 5,
    webhooks_per_minute: 70,
};

fn budget(per_minute: u32) -> Budget {
    Budget::new(BudgetSettings { per_minute, lanes: LANES, max_wait: Duration::from_secs(60) })
}

fn ask(lane: Lane) -> Ask {
    Ask { class: Class::Edit, lane, attempt: Attempt::First }
}

async fn seconds_for(budget: &Budget, count: usize, lane: impl Fn(usize) -> Lane) -> f64 {
    let start = clock::monotonic();
    for number in 0..count {
        budget.acquire(&ask(lane(number))).await.unwrap();
    }
    clock::monotonic().saturating_duration_since(start).as_secs_f64()
}

#[tokio::test(start_paused = true)]
async fn requests_follow_the_rate_and_not_slower() {
    for per_minute in [100, 200, 350, 1250] {
        let budget = budget(per_minute);
        let seconds = seconds_for(&budget, 1000, |_| Lane::Account).await;
        let floor = (1000.0 - 10.0) / f64::from(per_minute) * 60.0;
        assert!(seconds >= floor * 0.999, "{per_minute}: {seconds} < {floor}");
        assert!(seconds <= floor * 1.05, "{per_minute}: {seconds} > {floor}");
    }
}

#[tokio::test(start_paused = true)]
async fn user_updates_keep_both_of_their_limits() {
    let fast = budget(2500);
    let seconds = seconds_for(&fast, 10, |number| Lane::UserUpdate(number.to_string())).await;
    assert!((9.0..9.5).contains(&seconds), "one a second for the account: {seconds}");
    let fast = budget(2500);
    let seconds = seconds_for(&fast, 6, |_| Lane::UserUpdate("7".into())).await;
    assert!(seconds >= 60.0, "five a minute for one user: {seconds}");
}

#[tokio::test(start_paused = true)]
async fn webhooks_keep_their_limit() {
    let fast = budget(2500);
    let seconds = seconds_for(&fast, 71, |_| Lane::Webhooks).await;
    assert!(seconds >= 60.0, "{seconds}");
}

#[tokio::test(start_paused = true)]
async fn nothing_goes_inside_a_retry_after_window() {
    let budget = budget(2500);
    budget.record(&Signal { result: Answered::Throttled(Duration::from_secs(17)), ..Signal::default() });
    let seconds = seconds_for(&budget, 1, |_| Lane::Account).await;
    assert!((17.0..17.1).contains(&seconds), "{seconds}");
    budget.record(&Signal { result: Answered::Throttled(Duration::from_secs(900)), ..Signal::default() });
    let refused = budget.acquire(&ask(Lane::Account)).await;
    assert!(
        matches!(refused, Err(ProviderError::Throttled { retry_after }) if retry_after.as_secs() >= 899),
        "{refused:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn the_last_thirty_percent_of_the_vendors_limit_is_never_used() {
    let budget = budget(1000);
    let signal = Signal {
        limit: Some(400),
        remaining: Some(119),
        reset: Some(Duration::from_secs(20)),
        ..Signal::default()
    };
    budget.record(&signal);
    let seconds = seconds_for(&budget, 1, |_| Lane::Account).await;
    assert!((20.0..20.1).contains(&seconds), "waits for the reset: {seconds}");
    let per_second = 400.0 * 0.7 / 60.0;
    let seconds = seconds_for(&budget, 281, |_| Lane::Account).await;
    assert!(seconds >= 280.0 / per_second * 0.99, "a lowered limit lowers the pace: {seconds}");
}

#[tokio::test(start_paused = true)]
async fn removals_overtake_readings_and_readings_do_not_starve() {
    let budget = std::sync::Arc::new(budget(60));
    seconds_for(&budget, 10, |_| Lane::Account).await;
    let order = std::sync::Arc::new(Mutex::new(Vec::new()));
    let mut tasks = Vec::new();
    let mut spawn = |class: Class| {
        let (budget, order) = (budget.clone(), order.clone());
        tasks.push(tokio::spawn(async move {
            budget.acquire(&Ask { class, lane: Lane::Account, attempt: Attempt::First }).await.unwrap();
            order.lock().unwrap().push(class);
        }));
    };
    for class in [Class::Reading, Class::Creation, Class::Edit, Class::Removal] {
        spawn(class);
    }
    for task in tasks {
        task.await.unwrap();
    }
    assert_eq!(*order.lock().unwrap(), [Class::Removal, Class::Edit, Class::Creation, Class::Reading]);
}

#[tokio::test(start_paused = true)]
async fn repetitions_are_at_most_a_tenth() {
    let budget = budget(60_000);
    let mut repetitions = 0;
    for _ in 0..1000 {
        budget.acquire(&ask(Lane::Account)).await.unwrap();
        let again = Ask { class: Class::Reading, lane: Lane::Account, attempt: Attempt::Again };
        repetitions += u32::from(budget.acquire(&again).await.is_ok());
    }
    assert!((90..=103).contains(&repetitions), "{repetitions}");
}

#[tokio::test(start_paused = true)]
async fn a_vendor_that_is_down_gets_one_probe_in_half_a_minute() {
    let budget = budget(2500);
    let mut sent = 0;
    let start = clock::monotonic();
    while clock::monotonic().saturating_duration_since(start) < Duration::from_secs(3600) {
        if budget.acquire(&ask(Lane::Account)).await.is_ok() {
            sent += 1;
            budget.record(&Signal { result: Answered::Failing, ..Signal::default() });
        }
        tokio::time::advance(Duration::from_millis(500)).await;
    }
    assert!((60..=125).contains(&sent), "five failures, then at most one in 30 s: {sent}");
    tokio::time::advance(Duration::from_secs(46)).await;
    budget.acquire(&ask(Lane::Account)).await.unwrap();
    budget.record(&Signal::default());
    budget.acquire(&ask(Lane::Account)).await.unwrap();
}
