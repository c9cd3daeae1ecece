using CareHub.Core.Alarms;
using CareHub.Core.Devices;
using CareHub.Core.Signals;
using CareHub.Core.Triage;

namespace CareHub.Core.Tests.Triage;

/// <summary>With many open alarms the engine looks them up instead of through them, and decides the same.</summary>
public sealed class StormTests
{
    private static readonly SignalKind[] Kinds = [SignalKind.Water, SignalKind.Fault, SignalKind.Offline, SignalKind.Button];
    private static readonly string[] DeviceKinds = [Devices.DeviceKinds.SmokeDetector, Devices.DeviceKinds.Gateway, Devices.DeviceKinds.EmergencyButton];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void What_is_looked_up_is_what_a_look_at_all_would_find(int seed)
    {
        var random = new Random(seed);
        var site = new Site();
        for (var step = 0; step < 1_000; step++)
        {
            site.Now += TimeSpan.FromSeconds(random.Next(30));
            if (random.Next(4) == 0 && site.State.Open.Count > 0)
            {
                var alarm = site.State.Open.Values.ElementAt(random.Next(site.State.Open.Count));
                site.Does(new AlarmCommand.Resolve(alarm.Id, alarm.Version, Site.LiQiang, Disposition.Real, null));
            }
            else
            {
                var device = random.Next(150);
                site.Says(Kinds[random.Next(Kinds.Length)], $"d{device}", DeviceKinds[device % DeviceKinds.Length], source: SignalSource.Supervision, resident: device % 5 == 0 ? null : $"r{device / 4}");
            }

            Compare(site.State, $"r{random.Next(40)}");
        }
    }

    [Fact]
    public void A_detector_that_joins_a_confirmed_fire_names_the_first_and_leaves_the_others_as_they_are()
    {
        var site = new Site();
        for (var device = 1; device <= 100; device++)
        {
            site.Says(SignalKind.Smoke, $"smoke-{device}", Devices.DeviceKinds.SmokeDetector, resident: null);
        }

        Assert.All(site.State.Open.Values, alarm => Assert.Equal(("home-1.1", IncidentKind.ConfirmedFire), (alarm.IncidentId, alarm.Incident)));
        Assert.Equal(2 * 100, site.Changes.Count);
        Assert.Equal("coincidence:smoke-1+smoke-100", site.Changes[^1].Entry.Reason);
    }

    private static void Compare(SiteState site, string resident)
    {
        foreach (var kind in Kinds)
        {
            Assert.Equal(Scan(alarm => alarm.Kind == kind), site.OpenOf(kind));
            foreach (var deviceKind in DeviceKinds)
            {
                Assert.Equal(Scan(alarm => alarm.Kind == kind && alarm.DeviceKind == deviceKind), site.OpenOf(kind, deviceKind));
            }
        }

        Assert.Equal(Scan(alarm => alarm.ResidentId == resident), site.OpenOf(resident));

        IEnumerable<Alarm> Scan(Func<Alarm, bool> where) => site.Open.Values.Where(where).OrderBy(alarm => alarm.Number);
    }
}
