using CareHub.Core.Alarms;
using CareHub.Core.Devices;
using CareHub.Core.Signals;
using CareHub.Core.Triage;

namespace CareHub.Core.Tests.Triage;

/// <summary>design.md, "Default triage".</summary>
public sealed class DefaultTableTests
{
    [Theory]
    [InlineData("button", "critical")]
    [InlineData("fall", "critical")]
    [InlineData("smoke", "critical")]
    [InlineData("heat", "critical")]
    [InlineData("co", "critical")]
    [InlineData("gas", "critical")]
    [InlineData("water", "high")]
    [InlineData("wander", "high")]
    [InlineData("inactivity", "high")]
    [InlineData("vital", "high")]
    [InlineData("bed_exit", "medium")]
    [InlineData("tamper", "medium")]
    [InlineData("low_battery", "low")]
    [InlineData("fault", "low")]
    public void A_signal_raises_at_once_at_its_priority(string word, string priority)
    {
        var site = new Site();
        Assert.True(Words<SignalKind>.TryParse(word, out var kind));

        var decision = site.Says(kind);

        Assert.Equal(SignalOutcome.Raised, decision.Outcome);
        Assert.Equal(priority, Words<Priority>.Of(site.Only.Priority));
        Assert.Equal(AlarmState.Unacknowledged, site.Only.State);
        Assert.Equal("home-1.1", site.Only.Id);
    }

    [Theory]
    [InlineData("test")]
    [InlineData("restore")]
    [InlineData("cancel")]
    [InlineData("online")]
    public void Signals_that_are_not_conditions_raise_nothing(string word)
    {
        var site = new Site();
        Assert.True(Words<SignalKind>.TryParse(word, out var kind));

        Assert.Equal(SignalOutcome.Recorded, site.Says(kind).Outcome);
        Assert.Empty(site.State.Open);
    }

    [Fact]
    public void A_door_raises_at_night_only_by_local_time()
    {
        var shanghai = new TriageRules { TimeZone = TimeZoneInfo.CreateCustomTimeZone("+8", TimeSpan.FromHours(8), "+8", "+8") };
        var day = new Site { Rules = shanghai, Now = new DateTimeOffset(2026, 11, 22, 4, 0, 0, TimeSpan.Zero) };
        var night = new Site { Rules = shanghai, Now = new DateTimeOffset(2026, 11, 22, 19, 0, 0, TimeSpan.Zero) };

        Assert.Equal(SignalOutcome.Recorded, day.Says(SignalKind.Door).Outcome);
        Assert.Equal(SignalOutcome.Raised, night.Says(SignalKind.Door).Outcome);
    }

    [Theory]
    [InlineData(DeviceKinds.SmokeDetector, "medium")]
    [InlineData(DeviceKinds.DoorSensor, "low")]
    [InlineData("something_new", "medium")]
    public void A_silent_device_matters_by_what_depends_on_it(string deviceKind, string expected)
    {
        var site = new Site();

        site.Says(SignalKind.Offline, deviceKind: deviceKind, source: SignalSource.Supervision);

        Assert.Equal(expected, Words<Priority>.Of(site.Only.Priority));
    }
}
