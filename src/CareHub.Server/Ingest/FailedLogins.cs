namespace CareHub.Server.Ingest;

/// <summary>What to do with a login before its secret is looked at.</summary>
/// <param name="RetryAfter">Refuse without a look until then; null to go on.</param>
/// <param name="Delay">Look at it, but only after this time.</param>
internal readonly record struct LoginJudgement(TimeSpan? RetryAfter, TimeSpan Delay)
{
    public static readonly LoginJudgement GoOn = new(null, TimeSpan.Zero);
}

/// <summary>
/// Slows down guessing without letting a guesser lock anybody out. Three bounds, each for what the others miss:
/// <list type="bullet">
/// <item>an address that fails for one name waits, twice as long each time: a misconfigured device, a guesser;</item>
/// <item>an address has a budget of failures for all names: somebody who tries many ids. What waits by the first bound does
/// not count, so that a few misconfigured devices do not use up the budget of their neighbours behind the same NAT;</item>
/// <item>a name has a budget of failures from all addresses: a distributed guesser. Beyond it logins are looked at with a
/// delay, never refused: the right secret from elsewhere always gets in.</item>
/// </list>
/// Where a device was last let in from, it is at worst delayed.
/// </summary>
internal sealed class FailedLogins(TimeProvider time)
{
    public const int FreeFailures = 3;
    public const int AddressFailuresBurst = 50;
    public const int NameFailuresBurst = 20;
    public static readonly TimeSpan PairWaitMax = TimeSpan.FromMinutes(5);
    public static readonly TimeSpan DelayMax = TimeSpan.FromSeconds(4);

    private const double AddressFailuresPerSecond = 0.5;
    private const double NameFailuresPerSecond = 1.0 / 30;
    private static readonly TimeSpan FirstWait = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan FirstDelay = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan ForgetAfter = TimeSpan.FromMinutes(15);

    private readonly Lock _lock = new();
    private readonly RecentBook<(string From, string Name), Failures> _pairs = new(Limits.FailedLoginsMax);
    private readonly RecentBook<string, TokenBucket> _addresses = new(Limits.FailedLoginsMax);
    private readonly RecentBook<string, NameState> _names = new(Limits.FailedLoginsMax);
    private readonly RecentBook<string, string> _lastGood = new(Limits.KnownAddressesMax);

    public LoginJudgement Judge(string from, string name)
    {
        var now = time.GetUtcNow();
        lock (_lock)
        {
            var isKnown = _lastGood.Find(name) == from;
            var retryAfter = _pairs.Find((from, name)) is { } pair && pair.BlockedUntil > now ? pair.BlockedUntil - now
                : _addresses.Find(from)?.IsEmpty(now) == true ? FirstWait
                : (TimeSpan?)null;
            if (retryAfter is not null)
            {
                return isKnown ? new LoginJudgement(null, DelayMax) : new LoginJudgement(retryAfter, TimeSpan.Zero);
            }

            return !isKnown && _names.Find(name) is { } state && state.Budget.IsEmpty(now)
                ? new LoginJudgement(null, Doubled(FirstDelay, state.Over, DelayMax))
                : LoginJudgement.GoOn;
        }
    }

    public void Failed(string from, string name)
    {
        var now = time.GetUtcNow();
        lock (_lock)
        {
            var pair = _pairs.FindOrAdd((from, name), static () => new Failures());
            pair.Count = now - pair.LastAt > ForgetAfter ? 1 : pair.Count + 1;
            pair.LastAt = now;
            if (pair.Count > FreeFailures)
            {
                pair.BlockedUntil = now + Doubled(FirstWait, pair.Count - FreeFailures - 1, PairWaitMax);
            }

            _addresses.FindOrAdd(from, static () => new TokenBucket(AddressFailuresPerSecond, AddressFailuresBurst)).TryTake(now);
            var state = _names.FindOrAdd(name, static () => new NameState());
            state.Over = state.Budget.TryTake(now) ? 0 : state.Over + 1;
        }
    }

    public void Succeeded(string from, string name)
    {
        lock (_lock)
        {
            _pairs.Remove((from, name));
            _lastGood.Put(name, from);
        }
    }

    private static TimeSpan Doubled(TimeSpan first, int times, TimeSpan max) =>
        TimeSpan.FromTicks(Math.Min(first.Ticks << Math.Min(times, 20), max.Ticks));

    private sealed class Failures
    {
        public int Count { get; set; }

        public DateTimeOffset LastAt { get; set; }

        public DateTimeOffset BlockedUntil { get; set; }
    }

    private sealed class NameState
    {
        public TokenBucket Budget { get; } = new(NameFailuresPerSecond, NameFailuresBurst);

        /// <summary>Failures since the budget was used up.</summary>
        public int Over { get; set; }
    }
}
