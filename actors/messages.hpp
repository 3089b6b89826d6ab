#pragma once

#include "actors/api/reload.hpp"
#include "actors/api/tick_report.hpp"
#include "streams/partition/commit_builder.hpp"
#include "streams/partition/live_aggregator.hpp"

#include <caf/all.hpp>
#include <functional>
#include <memory>
#include <vector>

namespace tocsin {

// What actors say to each other. Payloads are immutable and shared by pointer.

/// To the log reader: read on after a position, waiting at most so many ms.
using read_atom = caf::atom_constant<caf::atom("read")>;
/// To the aggregator: a batch of the log; rules were checked; a tick was committed. The last also
/// to the membership, with the owner of the lease: everything was, and the committer has ended.
using batch_atom = caf::atom_constant<caf::atom("batch")>;
using checked_atom = caf::atom_constant<caf::atom("checked")>;
using done_atom = caf::atom_constant<caf::atom("committed")>;
/// To rule actors and the incident actor: a tick was sealed.
using sealed_atom = caf::atom_constant<caf::atom("sealed")>;
/// To the incident actor: what one rule actor found.
using found_atom = caf::atom_constant<caf::atom("found")>;
/// To the committer: a tick to commit; the aggregator lives, so keep the lease; try again (the
/// membership says that to itself, too).
using commit_atom = caf::atom_constant<caf::atom("commit")>;
using alive_atom = caf::atom_constant<caf::atom("alive")>;
using retry_atom = caf::atom_constant<caf::atom("retry")>;
/// To the dispatchers: events stand in the incident stream.
using news_atom = caf::atom_constant<caf::atom("news")>;
/// To the membership: the partition's state is no longer what Redis holds; another took it. With
/// the owner of the lease under which that was found: what an earlier one found no longer counts.
using lost_atom = caf::atom_constant<caf::atom("lost")>;
using fenced_atom = caf::atom_constant<caf::atom("fenced")>;
/// To the aggregator: a question waits at the desk.
using ask_atom = caf::atom_constant<caf::atom("ask")>;
/// To the aggregator itself: go on adding up the tick that was sealed last.
using add_atom = caf::atom_constant<caf::atom("add")>;
/// To an actor itself: look again.
using tick_atom = caf::atom_constant<caf::atom("tick")>;
/// To the collector and the log writer: samples to take, entries to append, what became of them.
using take_atom = caf::atom_constant<caf::atom("take")>;
using append_atom = caf::atom_constant<caf::atom("append")>;
using stored_atom = caf::atom_constant<caf::atom("stored")>;
/// To the membership: rules to put in force.
using reload_atom = caf::atom_constant<caf::atom("reload")>;
/// To the committer: keep the lease when all is committed, for those who come after it.
using keep_atom = caf::atom_constant<caf::atom("keep")>;
/// End in good order.
using stop_atom = caf::atom_constant<caf::atom("stop")>;

using batch_ptr = std::shared_ptr<const timed_batch>;
using seal_ptr = std::shared_ptr<const seal_record>;
using findings_ptr = std::shared_ptr<const std::vector<verdict_change>>;

/// A sealed tick on its way into Redis. The committer takes the outcome out of it.
struct tick_commit {
  seal_ptr seal;
  double sealed_at_s = 0; ///< monotonic
  tick_report report;     ///< what is known of it so far
  tick_outcome outcome;
};
using commit_ptr = std::shared_ptr<tick_commit>;

/// Rules on their way into force. `answer` is called once, from any thread; not at all where the
/// engine ends before.
struct rules_to_take_up {
  std::shared_ptr<const rule_set> rules;
  std::function<void(reload_outcome::kind, const std::string& why_not)> answer;
};
using rules_ptr = std::shared_ptr<rules_to_take_up>;

} // namespace tocsin

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tocsin::batch_ptr)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tocsin::tick_report)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tocsin::seal_ptr)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tocsin::findings_ptr)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tocsin::commit_ptr)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tocsin::rules_ptr)
