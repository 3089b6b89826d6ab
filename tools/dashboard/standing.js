// How what a page shows stands to what was asked for. Pure.
//
//   loading   nothing was answered yet
//   failed    nothing could be answered
//   fresh     what is shown is the answer
//   other     what is shown answers another question than the one under way
//   stale     what is shown was the answer; whether it still is cannot be known
//
// Only what is fresh or stale is the answer to what is asked for: a list that is empty in any other
// state says nothing about what there is.

const after = {
  loading: { answered: 'fresh', failed: 'failed' },
  failed: { answered: 'fresh', anew: 'loading' },
  fresh: { failed: 'stale', away: 'stale', anew: 'other' },
  other: { answered: 'fresh', failed: 'failed' },
  stale: { answered: 'fresh', anew: 'other' },
};

export class Standing {
  state = 'loading';

  /** What happened: 'answered', 'failed', 'away' (nobody tells of changes), 'anew' (another question
   * is asked). Whether that made it another state. */
  take(what) {
    const next = after[this.state][what] ?? this.state;
    const other = next !== this.state;
    this.state = next;
    return other;
  }

  /** Whether what is shown is, or was a while ago, the answer. */
  get known() { return this.state === 'fresh' || this.state === 'stale'; }
}
