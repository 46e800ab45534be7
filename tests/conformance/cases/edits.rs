//! Each field of a declaration, edited.

use crate::store::{edits, example};
use crate::world::World;

/// All edits one after the other in one account: each shows in the helpdesk's own state, or the helpdesk says that it
/// has no place for it.
pub(crate) async fn each_field_that_is_edited_is_changed_in_the_helpdesk(world: World) {
    let mut declared = example();
    world.settle(&world.normalized(declared.clone()), &world.policy()).await;
    for edit in edits() {
        let mut edited = declared.clone();
        (edit.edit)(&mut edited);
        let (before, after) = (world.normalized(declared), world.normalized(edited.clone()));
        let texts = (world.texts(edit.kind), world.fixture.things());
        declared = edited;
        if before == after {
            let told = world.fixture.provider().unsupported(&declared);
            let is_told = told.iter().any(|one| one.object.kind == edit.kind);
            assert!(is_told || !world.makes(edit.kind), "`{}` is dropped and not told", edit.field);
            continue;
        }
        if !world.makes(edit.kind) {
            continue;
        }
        let done = world.settle(&after, &world.policy()).await;
        if done.is_empty() && edit.field == "agent active" && !world.ends_access() {
            // A person ends it; the plan says so as held.
            continue;
        }
        assert!(!done.is_empty(), "`{}` was edited and nothing planned", edit.field);
        let now = (world.texts(edit.kind), world.fixture.things());
        assert_ne!(texts, now, "`{}` was edited and the helpdesk holds what it held", edit.field);
    }
}
