using CareHub.Server.Push;
using CareHub.Server.Security;
using CareHub.Storage.Registry;

namespace CareHub.Server.Tests.Push;

/// <summary>Who is a desk on duty: whoever is keeps the desks above quiet.</summary>
public sealed class ConsoleBookTests
{
    private readonly ConsoleBook _consoles = new();

    private ConsoleState Connect(string region, string role = Roles.Operator) => _consoles.Add(Guid.NewGuid().ToString(), new Caller("li", "李强", role, region));

    private ConsoleState OnDuty(string region, string role = Roles.Operator)
    {
        var console = Connect(region, role);
        console.Feed = new CancellationTokenSource();
        console.Audio = new(Ok: true, Confirmed: true);
        return console;
    }

    [Fact]
    public void A_desk_follows_the_queue_is_audible_and_confirmed_and_none_of_these_can_be_missing()
    {
        var console = OnDuty("north");
        Assert.Equal(["north"], _consoles.Duty.Regions);

        console.Audio = new(Ok: true, Confirmed: false);
        Assert.Empty(_consoles.Duty.Regions);
        console.Audio = new(Ok: false, Confirmed: true);
        Assert.Empty(_consoles.Duty.Regions);
        console.Audio = new(Ok: true, Confirmed: true);
        console.Feed = null;
        Assert.Empty(_consoles.Duty.Regions);
    }

    [Fact]
    public async Task A_console_whose_feed_has_ended_is_no_desk()
    {
        var console = OnDuty("north");
        await console.Feed!.CancelAsync();
        _consoles.Muster();
        Assert.Empty(_consoles.Duty.Regions);
    }

    [Theory]
    [InlineData(Roles.CareStaff)]
    [InlineData(Roles.Supervisor)]
    [InlineData(Roles.Administrator)]
    public void Only_an_operator_is_a_desk(string role)
    {
        OnDuty("north", role);
        Assert.Empty(_consoles.Duty.Regions);
    }

    [Fact]
    public void A_region_has_a_desk_until_the_last_one_leaves_and_each_change_has_the_next_number()
    {
        _consoles.Add("first", new Caller("li", "李强", Roles.Operator, "north")).Feed = new CancellationTokenSource();
        _consoles.Find("first")!.Audio = new(Ok: true, Confirmed: true);
        OnDuty("south");
        var second = OnDuty("north");
        var before = _consoles.Duty;
        Assert.Equal(["north", "south"], before.Regions.Order());

        second.Audio = new(Ok: false, Confirmed: false);
        Assert.Same(before, _consoles.Duty);
        _consoles.Remove("first");
        Assert.Equal(["south"], _consoles.Duty.Regions);
        Assert.Equal(before.Number + 1, _consoles.Duty.Number);
    }
}
