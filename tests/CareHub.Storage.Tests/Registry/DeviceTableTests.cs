using System.Security.Cryptography;
using System.Text;
using CareHub.Storage.Registry;

namespace CareHub.Storage.Tests.Registry;

/// <summary>The flat table behind a snapshot's devices answers as a dictionary of objects would.</summary>
public sealed class DeviceTableTests
{
    private static readonly RegionEntry Region = new("north", "北社区", "community", ["all", "city", "north"]);

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5_000)]
    public void Every_device_is_found_and_nothing_else(int count)
    {
        var (table, ids) = Table(count);

        Assert.Equal(count, table.Count);
        Assert.Equal(ids.Order(StringComparer.Ordinal), table.Keys.Order(StringComparer.Ordinal));
        Assert.Equal(ids.Order(StringComparer.Ordinal), table.Values.Select(entry => entry.Id).Order(StringComparer.Ordinal));
        foreach (var id in ids)
        {
            Assert.True(table.ContainsKey(id));
            Assert.Equal(id, table[id].Id);
        }

        foreach (var stranger in new[] { "", "d", "d00", "D1", "d1 ", "é", "\uD800", new string('d', 65), new string('é', 64), new string('x', 10_000) })
        {
            Assert.False(table.ContainsKey(stranger));
            Assert.False(table.TryGetValue(stranger, out _));
            Assert.Null(table.SupervisionLimit(stranger));
        }
    }

    /// <summary>More devices than entries are kept: an entry whose place another has taken is made again, and is the same.</summary>
    [Fact]
    public void Entries_that_make_room_for_each_other_stay_true()
    {
        var (table, ids) = Table(DeviceTable.EntriesKept + 50_000);
        for (var round = 0; round < 2; round++)
        {
            foreach (var id in ids)
            {
                Assert.Equal(id, table[id].Id);
            }
        }

        Assert.Equal(table[ids[17]], table[ids[17]]);
        Assert.Same(table[ids[17]], table[ids[17]]);
    }

    [Fact]
    public void A_device_has_what_its_row_had()
    {
        var columns = new DeviceColumns(3, 100);
        var secret = RandomNumberGenerator.GetBytes(32);
        var full = columns.Add("full"u8, secret);
        var until = DateTimeOffset.UnixEpoch.AddDays(20_000);
        (columns.Site[full], columns.Resident[full], columns.Interval[full]) = (0, 0, 60);
        (columns.Kind[full], columns.Name[full], columns.Model[full]) = (columns.PositionOf("smoke_detector"u8), columns.PositionOf("卧室烟感"u8), columns.PositionOf("X1"u8));
        (columns.Place[full], columns.Gateway[full]) = (columns.PositionOf("卧室"), columns.PositionOf("gw-1"u8));
        columns.Describe(full, new DeviceDetails(true, "stolen", [1, 2, 3], until));
        var bare = columns.Add("bare"u8, [9, 9]);
        (columns.Site[bare], columns.Resident[bare], columns.Interval[bare]) = (0, -1, -1);
        columns.Kind[bare] = columns.PositionOf("smoke_detector"u8);
        (columns.Name[bare], columns.Model[bare], columns.Place[bare], columns.Gateway[bare]) = (-1, -1, -1, -1);
        columns.Finish();
        var resident = new ResidentEntry("r-1", "王桂英", null, null, []);
        var table = new DeviceTable(columns, [new SiteEntry("home-1", "home", "文晖路 1 号", null, Region)], [resident]);

        var one = table["full"];
        Assert.Equal(("full", "smoke_detector", "home-1", "r-1", "gw-1"), (one.Facts.Id, one.Facts.Kind, one.Facts.SiteId, one.Facts.ResidentId, one.Facts.GatewayId));
        Assert.Equal(Region.Path, one.Facts.RegionPath);
        Assert.Equal(("卧室烟感", "X1", "卧室", "gw-1", TimeSpan.FromSeconds(120)), (one.Name, one.Model, one.Place, one.GatewayId, one.SupervisionLimit));
        Assert.Equal(secret, one.SecretHash);
        Assert.Equal((true, "stolen", until), (one.Disabled, one.DisabledReason, one.PreviousSecretUntil!.Value));
        Assert.Equal(new byte[] { 1, 2, 3 }, one.PreviousSecretHash);
        Assert.Same(resident, one.Resident);

        Assert.Equal("full", Assert.Single(table.Of(resident)).Id);
        Assert.Empty(table.Of(resident with { }));
        Assert.Equal("full", Assert.Single(table.InOrder(null, new DeviceSearch(_ => true, "卧室烟"))).Id);

        var two = table["bare"];
        Assert.Equal(new byte[] { 9, 9 }, two.SecretHash);
        Assert.Equal((null, null, null, null, null), (two.Name, two.Model, two.Place, two.GatewayId, two.Resident));
        Assert.Equal((false, TimeSpan.FromHours(25)), (two.Disabled, two.SupervisionLimit));
        Assert.Null(two.PreviousSecretUntil);

        // A sweep does not look for a device that is disabled.
        Assert.Null(table.SupervisionLimit("full"));
        Assert.Equal(TimeSpan.FromHours(25), table.SupervisionLimit("bare"));
    }

    [Fact]
    public void Devices_of_many_persons_come_one_person_after_the_other()
    {
        ResidentEntry[] residents = [.. Enumerable.Range(0, 3).Select(n => new ResidentEntry($"r-{n}", "某人", null, null, []))];
        var columns = new DeviceColumns(5, 100);
        foreach (var (id, person) in new[] { ("e", 1), ("d", 0), ("c", -1), ("b", 1), ("a", 2) })
        {
            var device = columns.Add(Encoding.UTF8.GetBytes(id), [1]);
            columns.Kind[device] = columns.PositionOf("motion_sensor"u8);
            (columns.Resident[device], columns.Interval[device]) = (person, 60);
            (columns.Name[device], columns.Model[device], columns.Place[device], columns.Gateway[device]) = (-1, -1, -1, -1);
        }

        columns.Finish();
        var table = new DeviceTable(columns, [new SiteEntry("home-1", "home", "文晖路 1 号", null, Region)], residents);

        Assert.Equal(["r-0: d", "r-1: b, e"], table.Of(new HashSet<string> { "r-1", "r-0", "nobody" }).Select(each => $"{each.Resident}: {string.Join(", ", each.Devices.Select(device => device.Id))}"));
        Assert.Empty(table.Of(new HashSet<string>()));
    }

    [Fact]
    public void A_list_is_in_the_order_of_ids_and_goes_on_behind_any_id()
    {
        var (table, ids) = Table(1_000); // d1, d2 … d1000: not the order of the ids
        string[] ordered = [.. ids.Order(StringComparer.Ordinal)];

        Assert.Equal(ordered, table.InOrder(null, Everything()).Select(device => device.Id));
        Assert.Equal(ordered[501..], table.InOrder(ordered[500], Everything()).Select(device => device.Id));
        Assert.Equal(ordered.Where(id => string.CompareOrdinal(id, "d55x") > 0), table.InOrder("d55x", Everything()).Select(device => device.Id));
        Assert.Empty(table.InOrder("e", Everything()));
        Assert.Empty(table.InOrder(null, new DeviceSearch(_ => false, null)));
    }

    [Theory]
    [InlineData(" D100 ", "d100,d1000")]
    [InlineData("SMOKE", "d1,d10,d100,d1000")]
    [InlineData("文晖路", "d1,d10,d100,d1000")]
    [InlineData("", "d1,d10,d100,d1000")]
    [InlineData("elsewhere", "")]
    public void A_search_finds_part_of_an_id_a_kind_or_a_site_in_capitals_or_not(string text, string first)
    {
        var (table, _) = Table(1_000);
        Assert.Equal(first, string.Join(',', table.InOrder(null, new DeviceSearch(_ => true, text)).Take(4).Select(device => device.Id)));
    }

    [Fact]
    public void A_page_costs_a_page_also_when_a_search_goes_past_all_the_others()
    {
        var (table, _) = Table(200_000);
        Assert.Equal(100, table.InOrder(null, Everything()).Take(100).Count());

        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Equal(100, table.InOrder("d15", Everything()).Take(100).Count());
        Assert.Equal("d199999", Assert.Single(table.InOrder(null, new DeviceSearch(_ => true, "199999"))).Id);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 1, 100_000);
    }

    [Fact]
    public void A_device_takes_less_than_a_hundred_bytes_of_the_table()
    {
        const int Count = 100_000;
        var before = GC.GetAllocatedBytesForCurrentThread();
        Span<byte> id = stackalloc byte[8];
        Span<byte> secret = stackalloc byte[32];
        var columns = new DeviceColumns(Count, Count * id.Length);
        for (var n = 0; n < Count; n++)
        {
            BitConverter.TryWriteBytes(id, (long)n);
            columns.Add(id, secret);
        }

        // All that is allocated stays: the sizes are known beforehand.
        GC.KeepAlive(new DeviceTable(columns, [], []));
        Assert.InRange((GC.GetAllocatedBytesForCurrentThread() - before) / Count, 50, 100);
    }

    private static DeviceSearch Everything() => new(_ => true, null);

    private static (DeviceTable Table, string[] Ids) Table(int count)
    {
        string[] ids = [.. Enumerable.Range(1, count).Select(n => $"d{n}")];
        var columns = new DeviceColumns(count, ids.Sum(Encoding.UTF8.GetByteCount));
        foreach (var id in ids)
        {
            var device = columns.Add(Encoding.UTF8.GetBytes(id), new byte[32]);
            columns.Kind[device] = columns.PositionOf("smoke_detector"u8);
            (columns.Resident[device], columns.Interval[device]) = (-1, 60);
            (columns.Name[device], columns.Model[device], columns.Place[device], columns.Gateway[device]) = (-1, -1, -1, -1);
        }

        columns.Finish();
        return (new DeviceTable(columns, [new SiteEntry("home-1", "home", "文晖路 1 号", null, Region)], []), ids);
    }
}
