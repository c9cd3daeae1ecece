using System.Collections.Immutable;
using CareHub.Core.Outages;
using CareHub.Core.Triage;

namespace CareHub.Core.Tests.Outages;

/// <summary>Many who fall silent at once are one outage; few, or many one after another, are not.</summary>
public sealed class OutageBookTests
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 22, 12, 0, 0, TimeSpan.Zero);
    private static readonly OutageRule Rule = new(Devices: 10, Sites: 3, TimeSpan.FromMinutes(2), TimeSpan.FromMinutes(5));
    private static readonly ImmutableArray<string> East = ["all", "city", "east"];
    private static readonly ImmutableArray<string> West = ["all", "city", "west"];

    private readonly OutageBook _book = new();
    private int _devices;

    [Fact]
    public void Enough_devices_of_enough_sites_are_an_outage_of_the_smallest_region_that_holds_them()
    {
        Silent(East, 9, sites: 3);
        Assert.Null(_book.Begin(Rule, Noon));

        Silent(East, 1, sites: 1);

        Assert.Equal("east", _book.Begin(Rule, Noon));
        Assert.Equal("east", _book.Covering(East));
        Assert.Null(_book.Covering(West));
        Assert.Null(_book.Begin(Rule, Noon));
    }

    [Fact]
    public void What_is_spread_over_regions_is_an_outage_of_the_region_above_them()
    {
        Silent(East, 10, sites: 3);
        Silent(West, 10, sites: 3);

        Assert.Equal("city", _book.Begin(Rule, Noon));
        Assert.Equal("city", _book.Covering(West));
    }

    [Fact]
    public void A_single_facility_is_no_region()
    {
        Silent(East, 50, sites: 2);

        Assert.Null(_book.Begin(Rule, Noon));
    }

    [Fact]
    public void Who_came_back_or_fell_silent_long_ago_does_not_count()
    {
        Silent(East, 6, sites: 3, at: Noon - TimeSpan.FromMinutes(3));
        Silent(East, 6, sites: 3);
        Assert.Null(_book.Begin(Rule, Noon));

        var back = Silent(East, 3, sites: 3);
        back.ForEach(_book.Remove);
        Silent(East, 3, sites: 3);

        Assert.Null(_book.Begin(Rule, Noon));
    }

    [Fact]
    public void It_is_over_when_four_in_five_of_those_it_took_are_back_whoever_was_silent_before()
    {
        Silent(East, 100, sites: 50, at: Noon - TimeSpan.FromDays(1));
        var first = Silent(East, 10, sites: 5);
        Assert.Equal("east", _book.Begin(Rule, Noon));
        var more = Silent(East, 10, sites: 5, at: Noon + TimeSpan.FromMinutes(10));

        first.ForEach(_book.Remove);
        more[..5].ForEach(_book.Remove);
        Assert.Empty(_book.End());
        _book.Remove(more[5]);

        Assert.Equal(["east"], _book.End());
        Assert.Null(_book.Covering(East));
        Assert.Empty(_book.End());
    }

    [Fact]
    public void A_second_region_has_an_outage_of_its_own()
    {
        Silent(East, 10, sites: 5);
        Assert.Equal("east", _book.Begin(Rule, Noon));

        Silent(West, 10, sites: 5);

        Assert.Equal("west", _book.Begin(Rule, Noon));
    }

    [Fact]
    public void One_that_stood_before_a_restart_ends_as_any_other()
    {
        var silent = Silent(East, 10, sites: 5, at: DateTimeOffset.MinValue);
        _book.Resume("east");
        Assert.Empty(_book.End());

        silent[..8].ForEach(_book.Remove);

        Assert.Equal(["east"], _book.End());
    }

    private List<string> Silent(ImmutableArray<string> path, int devices, int sites, DateTimeOffset? at = null)
    {
        var ids = Enumerable.Range(0, devices).Select(_ => $"d{++_devices}").ToList();
        for (var index = 0; index < ids.Count; index++)
        {
            _book.Add(ids[index], $"{path[^1]}-{index % sites}", path, at ?? Noon);
        }

        return ids;
    }
}
