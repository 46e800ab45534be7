//! Job statuses: queued, working, completed by the clock. Items are carried out when the job is due.
//!
//! Must report failures item by item inside a completed job, and keep a job for a day.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::account::Account;
use super::assumptions::{Assumptions, JobResults};
use super::context::{Context, Outcome};
use super::errors::ApiError;
use super::records::Job;
use super::{memberships, users};
use crate::simulator::{Answer, Call};

/// Queued and running jobs an account may have.
const MAX_RUNNING: usize = 30;

pub(crate) fn render(job: &Job, base: &str, now: Timestamp) -> Value {
    let total = job.items.len();
    let done = job.results.is_some();
    let (status, progress, message) = if done {
        let at = job.done_at.unwrap_or(now).strftime("%Y-%m-%d %H:%M:%S +0000");
        ("completed", total, json!(format!("Completed at {at}")))
    } else if now < job.works_at {
        ("queued", 0, Value::Null)
    } else {
        let progress = progress(job, total, now);
        ("working", progress, json!(format!("Working on item #{progress}")))
    };
    json!({"id": job.id, "url": format!("{base}/api/v2/job_statuses/{}.json", job.id), "job_type": job.kind,
        "total": total, "progress": progress, "status": status, "message": message, "results": job.results})
}

fn progress(job: &Job, total: usize, now: Timestamp) -> usize {
    let Some(done_at) = job.done_at else { return total / 2 };
    let whole = done_at.duration_since(job.works_at).as_millis().max(1);
    let part = now.duration_since(job.works_at).as_millis().clamp(0, whole);
    let total = i128::try_from(total).unwrap_or_default();
    usize::try_from(total * part / whole).unwrap_or_default()
}

/// `/job_statuses…`.
pub(crate) fn route(cx: &mut Context<'_>, segments: &[&str]) -> Outcome {
    let show = |job: &Job| render(job, &cx.call.base, cx.now());
    match (cx.call.method.as_str(), segments) {
        ("GET", []) => {
            let jobs: Vec<Value> = cx.account.jobs.values().map(show).collect();
            Ok(Answer::json(200, &json!({"job_statuses": jobs, "next_page": null, "previous_page": null})))
        }
        ("GET", ["show_many"]) => {
            let ids = cx.ids("ids")?;
            let jobs: Vec<Value> = ids.iter().filter_map(|id| cx.account.jobs.get(id)).map(show).collect();
            Ok(Answer::json(200, &json!({"job_statuses": jobs})))
        }
        ("GET", [id]) => {
            let job = cx.account.jobs.get(*id).ok_or_else(ApiError::not_found)?;
            Ok(Answer::json(200, &json!({"job_status": show(job)})))
        }
        _ => Err(ApiError::no_route()),
    }
}

/// Takes a job on and answers its status.
pub(crate) fn enqueue(cx: &mut Context<'_>, kind: &str, items: Vec<Value>) -> Outcome {
    let running = cx.account.jobs.values().filter(|job| job.results.is_none()).count();
    if running >= MAX_RUNNING {
        return Err(ApiError::Support {
            status: cx.assumptions.too_many_jobs_status,
            error: "TooManyJobs",
            description: "Too many jobs are queued or running for this account".to_owned(),
        });
    }
    let now = cx.now();
    let after =
        |milliseconds: u64| SignedDuration::from_millis(i64::try_from(milliseconds).unwrap_or(i64::MAX / 4));
    let works_at = now + after(cx.assumptions.job_queued_milliseconds);
    let job = Job {
        id: format!("V3-{}", cx.account.mint_hex(32)),
        kind: kind.to_owned(),
        items,
        actor: cx.actor,
        created_at: now,
        works_at,
        done_at: Some(works_at + after(cx.assumptions.job_working_milliseconds)),
        failing: Vec::new(),
        results: None,
    };
    let reply = json!({"job_status": render(&job, &cx.call.base, now)});
    cx.account.jobs.insert(job.id.clone(), job);
    cx.touch();
    Ok(Answer::json(200, &reply))
}

/// Carries out the jobs that are due, and forgets the old ones. Returns whether anything changed.
pub(crate) fn advance(account: &mut Account, now: Timestamp, assumptions: &Assumptions) -> bool {
    if account.jobs.is_empty() {
        return false;
    }
    let day = SignedDuration::from_hours(24);
    account.jobs.retain(|_, job| now.duration_since(job.created_at) < day);
    let due = |job: &&Job| job.results.is_none() && job.done_at.is_some_and(|at| at <= now);
    let mut due: Vec<(Timestamp, String)> =
        account.jobs.values().filter(due).map(|job| (job.works_at, job.id.clone())).collect();
    due.sort();
    for (_, id) in &due {
        run(account, id, assumptions);
    }
    !due.is_empty()
}

fn run(account: &mut Account, id: &str, assumptions: &Assumptions) {
    let Some(job) = account.jobs.get(id).cloned() else { return };
    // A job acts at its own time, with nobody's limits.
    let call = Call {
        account: account.subdomain.clone(),
        method: "POST".to_owned(),
        path: String::new(),
        query: Vec::new(),
        headers: std::sync::Arc::default(),
        body: Vec::new().into(),
        person: None,
        base: String::new(),
        now: job.done_at.unwrap_or(job.works_at),
    };
    let mut cx =
        Context { account, call: &call, assumptions, actor: job.actor, effect: false, warning: None };
    let mut results = Vec::with_capacity(job.items.len());
    for (index, item) in job.items.iter().enumerate() {
        let outcome = if job.failing.contains(&index) {
            Err(ApiError::invalid("base", "The item failed"))
        } else if job.kind.starts_with("group_memberships/") {
            memberships::perform_item(&mut cx, &job.kind, item)
        } else {
            users::perform_item(&mut cx, &job.kind, item)
        };
        let mut result = match outcome {
            Ok((id, status)) => json!({"index": index, "id": id, "status": status, "success": true}),
            Err(error) => {
                let (error, details) = error.words();
                let action = job.kind.rsplit('/').next().unwrap_or_default();
                json!({"index": index, "action": action, "id": item["id"], "error": error, "details": details,
                    "success": false})
            }
        };
        if let (JobResults::Recorded, Some(members)) = (assumptions.job_results, result.as_object_mut()) {
            members.remove("index");
            members.retain(|name, value| name != "success" || *value == json!(false));
        }
        results.push(result);
    }
    if let Some(job) = account.jobs.get_mut(id) {
        job.results = Some(results);
    }
}
