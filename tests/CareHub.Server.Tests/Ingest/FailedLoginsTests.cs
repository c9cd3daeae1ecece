using CareHub.Server.Ingest;
using CareHub.Server.Tests.Support;

namespace CareHub.Server.Tests.Ingest;

/// <summary>Guessing is slowed down, and no guesser can lock anybody out.</summary>
public sealed class FailedLoginsTests
{
    private readonly ManualTime _time = new();
    private readonly FailedLogins _logins;

    public FailedLoginsTests() => _logins = new FailedLogins(_time);

    private void Fail(string from, string name, int times)
    {
        for (var i = 0; i < times; i++)
        {
            _logins.Failed(from, name);
        }
    }

    [Fact]
    public void An_address_that_fails_for_a_name_waits_twice_as_long_each_time()
    {
        Fail("guesser", "d1", FailedLogins.FreeFailures);
        Assert.Equal(LoginJudgement.GoOn, _logins.Judge("guesser", "d1"));

        var waits = new List<double>();
        for (var i = 0; i < 12; i++)
        {
            _logins.Failed("guesser", "d1");
            var wait = _logins.Judge("guesser", "d1").RetryAfter!.Value;
            waits.Add(wait.TotalSeconds);
            _time.Advance(wait);
            Assert.Null(_logins.Judge("guesser", "d1").RetryAfter);
        }

        Assert.Equal([1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300], waits);
    }

    [Fact]
    public void The_right_secret_from_elsewhere_is_never_refused()
    {
        for (var i = 0; i < 500; i++)
        {
            Fail($"guesser-{i}", "d1", 10);
        }

        var judgement = _logins.Judge("new-address", "d1");
        Assert.Null(judgement.RetryAfter);
        Assert.InRange(judgement.Delay, TimeSpan.FromMilliseconds(250), FailedLogins.DelayMax);

        // From where it was let in before it does not even wait.
        _logins.Succeeded("home", "d1");
        Assert.Equal(LoginJudgement.GoOn, _logins.Judge("home", "d1"));
    }

    [Fact]
    public void An_address_that_tries_many_names_is_refused_except_for_whom_it_is_known()
    {
        _logins.Succeeded("nat", "resident-device");
        for (var i = 0; i < FailedLogins.AddressFailuresBurst; i++)
        {
            _logins.Failed("nat", $"guess-{i}");
        }

        Assert.NotNull(_logins.Judge("nat", "another-guess").RetryAfter);
        Assert.Equal(new LoginJudgement(null, FailedLogins.DelayMax), _logins.Judge("nat", "resident-device"));
        Assert.Equal(LoginJudgement.GoOn, _logins.Judge("elsewhere", "resident-device"));

        _time.Advance(TimeSpan.FromSeconds(2));
        Assert.Null(_logins.Judge("nat", "another-guess").RetryAfter);
    }

    [Fact]
    public void A_misconfigured_device_that_keeps_trying_does_not_use_up_its_neighbours_budget()
    {
        for (var second = 0; second < 3_600; second++)
        {
            if (_logins.Judge("nat", "misconfigured").RetryAfter is null)
            {
                _logins.Failed("nat", "misconfigured");
            }

            Assert.Null(_logins.Judge("nat", "new-neighbour").RetryAfter);
            _time.Advance(TimeSpan.FromSeconds(1));
        }
    }

    [Fact]
    public void A_success_forgives()
    {
        Fail("home", "d1", FailedLogins.FreeFailures);
        _logins.Succeeded("home", "d1");
        Fail("home", "d1", FailedLogins.FreeFailures);
        Assert.Equal(LoginJudgement.GoOn, _logins.Judge("home", "d1"));
    }
}
