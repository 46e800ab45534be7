//! Accounts and their licenses. `license_quantity` is taken and shown by no response.
//!
//! Must not take `webhook_url`: people type it into the account's settings.

use serde_json::{Value, json};

use super::super::assumptions::Assumptions;
use super::super::assumptions::{Leniency, Occurs};
use super::super::config::AccountConfig;
use super::super::context::{Context, Outcome, Refusal, as_flag, as_number, as_text, moment, written_id};
use super::super::paging;
use super::super::records::Account;

/// Answers below `/accounts`.
pub(crate) fn route(cx: &mut Context<'_>, method: &str, rest: &[&str]) -> Outcome {
    match (method, rest) {
        ("GET", []) => list(cx),
        ("GET", [id]) if cx.rules.account_show == Occurs::Yes => show(cx, id),
        ("POST", []) => create(cx),
        ("PUT", [id]) => update(cx, id),
        ("DELETE", [id]) => delete(cx, id),
        _ => Err(Refusal::no_route()),
    }
}

/// An account in its wire form.
pub(crate) fn render(rules: &Assumptions, account: &Account) -> Value {
    json!({"id": written_id(rules, account.id), "name": account.name, "email": account.email,
        "main_contact": account.main_contact, "url": account.url, "webhook_url": account.webhook_url,
        "active": account.active, "ativo": u8::from(account.active),
        "deleted_at": account.deleted_at.map(moment), "phone": account.phone,
        "date_creation": moment(account.created_at), "change_date": moment(account.updated_at)})
}

fn found(cx: &Context<'_>, segment: &str) -> Result<u64, Refusal> {
    let id = segment.parse().ok().filter(|id| super::reaches(cx, *id));
    id.ok_or_else(|| Refusal::not_found("Account"))
}

fn list(cx: &Context<'_>) -> Outcome {
    let shown = |account: &&Account| {
        super::reaches(cx, account.id) && paging::is_found(cx, &[&account.name, &account.email])
    };
    let ids = cx.world.accounts.values().filter(shown).map(|account| account.id).collect();
    let one = |id: u64| cx.world.accounts.get(&id).map_or(Value::Null, |account| render(&cx.rules, account));
    cx.list("accounts", paging::page(cx, ids, one))
}

fn show(cx: &Context<'_>, id: &str) -> Outcome {
    let account = cx.account(found(cx, id)?)?;
    cx.one("account", render(&cx.rules, account))
}

/// The quantity in a body; `Err` when it is no whole number.
fn quantity(cx: &Context<'_>) -> Result<Option<u64>, Refusal> {
    let sent = &cx.body["license_quantity"];
    if sent.is_null() {
        return Ok(None);
    }
    as_number(sent).map(Some).ok_or_else(|| Refusal::invalid("license_quantity must be a whole number"))
}

fn create(cx: &mut Context<'_>) -> Outcome {
    let license_quantity = quantity(cx)?;
    let fields = cx.body["account"].clone();
    let name = as_text(&fields["name"]).ok_or_else(|| Refusal::invalid("name can't be blank"))?;
    let id = cx.world.mint();
    let now = cx.now();
    cx.world.add_account(&AccountConfig { name, license_quantity, ..AccountConfig::new(id) }, now);
    let account = cx.account_mut(id)?;
    write_fields(account, &fields);
    show_after(cx, id)
}

fn show_after(cx: &Context<'_>, id: u64) -> Outcome {
    cx.one("account", render(&cx.rules, cx.account(id)?))
}

/// The documented members of `account`; any other is dropped without a word.
fn write_fields(account: &mut Account, fields: &Value) {
    let text = |name: &str| as_text(&fields[name]);
    account.name = text("name").unwrap_or(account.name.clone());
    account.email = text("email").unwrap_or(account.email.clone());
    account.main_contact = text("main_contact").unwrap_or(account.main_contact.clone());
    account.url = text("url").unwrap_or(account.url.clone());
    account.phone = text("telefone").or(text("phone")).unwrap_or(account.phone.clone());
    account.active = as_flag(&fields["ativo"]).unwrap_or(account.active);
}

fn update(cx: &mut Context<'_>, id: &str) -> Outcome {
    let id = found(cx, id)?;
    let quantity = quantity(cx)?;
    let below = quantity.is_some_and(|quantity| quantity < cx.account(id).map_or(0, Account::active_agents));
    if below && cx.rules.license_below_active == Leniency::Refused {
        return Err(Refusal::invalid("license_quantity is below the number of active agents"));
    }
    let (code, fields, now) = (as_text(&cx.body["license_code"]), cx.body["account"].clone(), cx.now());
    let account = cx.account_mut(id)?;
    account.license_quantity = quantity.or(account.license_quantity);
    account.license_code = code.or(account.license_code.take());
    write_fields(account, &fields);
    account.updated_at = now;
    cx.done(None)
}

fn delete(cx: &mut Context<'_>, id: &str) -> Outcome {
    let id = found(cx, id)?;
    let now = cx.now();
    let account = cx.account_mut(id)?;
    account.deleted_at = Some(now);
    account.active = false;
    cx.done(Some("Account deleted successfully"))
}
