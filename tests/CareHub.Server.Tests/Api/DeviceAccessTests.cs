using System.Net;
using System.Text.Json.Nodes;
using CareHub.Mqtt.Client;
using CareHub.Mqtt.Packets;
using CareHub.Server.Tests.Support;
using Microsoft.Data.Sqlite;

namespace CareHub.Server.Tests.Api;

/// <summary>Devices' identities in an administrator's hands.</summary>
public sealed class DeviceAccessTests : IAsyncLifetime
{
    private TestHub _hub = null!;
    private TestConsole _admin = null!;

    public async Task InitializeAsync()
    {
        _hub = await TestHub.StartAsync();
        _admin = await _hub.ConsoleAsync("admin");
    }

    public async Task DisposeAsync()
    {
        await _admin.DisposeAsync();
        await _hub.DisposeAsync();
    }

    private static string Devices(string id, string act) => $"/api/v1/devices/{id}/{act}";

    [Fact]
    public async Task A_device_that_was_created_signs_in_with_the_secret_that_was_told_once()
    {
        var (status, created) = await _admin.PostAsync("/api/v1/devices", new { id = "btn-7", kind = "emergency_button", siteId = "home-1", residentId = "r-1", name = "床头按钮" });
        Assert.Equal(HttpStatusCode.Created, status);
        var secret = (string)created!["secret"]!;
        Assert.Equal(43, secret.Length);

        await using var device = await _hub.DeviceAsync("btn-7", secret: secret);
        Assert.True((await device.SignalAsync("""{"id":"1","type":"button"}""")).IsSuccess);
        var shown = await _admin.GetAsync("/api/v1/devices/btn-7");
        Assert.True((bool)shown["connected"]!);
        Assert.DoesNotContain(secret, shown.ToJsonString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Everything_that_is_wrong_with_a_new_device_is_said_at_once()
    {
        var (status, body) = await _admin.PostAsync("/api/v1/devices", new { id = TestWorld.Button, kind = "toaster", siteId = "home-1", residentId = "r-9", gatewayId = TestWorld.Gateway, intervalSeconds = 0 });
        Assert.Equal(HttpStatusCode.UnprocessableEntity, status);
        Assert.Equal(5, body!["errors"]!.AsArray().Count);

        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await _admin.PostAsync("/api/v1/devices", new { id = "x", kind = "gateway", siteId = "hub" })).Status);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await _admin.PostAsync("/api/v1/devices", new { id = "hub-disk", kind = "gateway", siteId = "home-1" })).Status);
    }

    [Fact]
    public async Task Only_an_administrator_of_the_region_may_change_a_device()
    {
        await using var supervisor = await _hub.ConsoleAsync("supervisor");
        Assert.Equal(HttpStatusCode.Forbidden, (await supervisor.PostAsync(Devices(TestWorld.Button, "disable"), new { reason = "r" })).Status);

        await using var north = await _hub.ConsoleAsync("north-admin");
        Assert.Equal(HttpStatusCode.NotFound, (await north.PostAsync(Devices(TestWorld.OtherButton, "disable"), new { reason = "r" })).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await north.PostAsync(Devices(TestWorld.OtherButton, "rotate-secret"), new { reason = "r" })).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await north.PostAsync(Devices(TestWorld.OtherButton, "claim-codes"), new { })).Status);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await north.PostAsync("/api/v1/devices", new { id = "x", kind = "gateway", siteId = "home-2" })).Status);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await north.PostAsync(Devices(TestWorld.Button, "disable"), new { reason = " " })).Status);
        Assert.Equal(HttpStatusCode.OK, (await north.PostAsync(Devices(TestWorld.Button, "disable"), new { reason = "r" })).Status);

        await using var nobody = await _hub.ConsoleAsync();
        Assert.Equal(HttpStatusCode.Forbidden, (await nobody.Http.GetAsync(new Uri("/api/v1/devices", UriKind.Relative))).StatusCode);
    }

    [Fact]
    public async Task Disabling_ends_the_connection_at_once_and_lets_nobody_back_until_it_is_enabled()
    {
        await using var device = await _hub.DeviceAsync(TestWorld.Button);
        await using var behind = await _hub.DeviceAsync(TestWorld.Gateway);
        var (status, body) = await _admin.PostAsync(Devices(TestWorld.Button, "disable"), new { reason = "stolen" });

        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal("stolen", (string)body!["disabledReason"]!);
        var closed = await device.Closed.WaitAsync(Eventually.Patience);
        Assert.Equal(ReasonCode.AdministrativeAction, closed.Reason);
        Assert.Equal(ReasonCode.NotAuthorized, (await Assert.ThrowsAsync<MqttException>(() => _hub.DeviceAsync(TestWorld.Button))).Reason);
        Assert.False(behind.Closed.IsCompleted);

        await _admin.PostAsync(Devices(TestWorld.Button, "enable"), new { reason = "found" });
        await using var again = await _hub.DeviceAsync(TestWorld.Button);
    }

    [Fact]
    public async Task A_rotated_secret_leaves_the_old_one_valid_and_without_overlap_ends_it_at_once()
    {
        await using var device = await _hub.DeviceAsync(TestWorld.Button);
        var (_, rotated) = await _admin.PostAsync(Devices(TestWorld.Button, "rotate-secret"), new { reason = "yearly" });
        Assert.InRange((DateTimeOffset)rotated!["previousSecretUntil"]! - DateTimeOffset.UtcNow, TimeSpan.FromHours(23), TimeSpan.FromHours(24));
        await using (var old = await _hub.DeviceAsync(TestWorld.Button))
        {
        }

        // The first use of the new one leaves the old one a short grace.
        await using (var fresh = await _hub.DeviceAsync(TestWorld.Button, secret: (string)rotated["secret"]!))
        {
        }

        await Eventually.Value(
            async () => (DateTimeOffset)(await _admin.GetAsync($"/api/v1/devices/{TestWorld.Button}"))["previousSecretUntil"]! < DateTimeOffset.UtcNow.AddMinutes(11) ? "" : null,
            "the overlap is shortened");

        await using var connected = await _hub.DeviceAsync(TestWorld.Button);
        var (_, last) = await _admin.PostAsync(Devices(TestWorld.Button, "rotate-secret"), new { reason = "leaked", overlapHours = 0 });
        await connected.Closed.WaitAsync(Eventually.Patience);
        await Assert.ThrowsAsync<MqttException>(() => _hub.DeviceAsync(TestWorld.Button, secret: (string)rotated["secret"]!));
        await using var now = await _hub.DeviceAsync(TestWorld.Button, secret: (string)last!["secret"]!);
    }

    [Fact]
    public async Task Devices_are_listed_by_page_searched_and_scoped()
    {
        var first = await _admin.GetAsync("/api/v1/devices?limit=4");
        var rest = await _admin.GetAsync($"/api/v1/devices?limit=4&after={first["next"]}");
        Assert.Equal([TestWorld.BehindGateway, TestWorld.Button, TestWorld.OtherButton, TestWorld.Fall], Ids(first));
        Assert.Equal([TestWorld.Gateway, TestWorld.Smoke], Ids(rest));
        Assert.Null(rest["next"]);
        Assert.Equal([TestWorld.Button, TestWorld.OtherButton], Ids(await _admin.GetAsync("/api/v1/devices?search=BTN")));

        await using var north = await _hub.ConsoleAsync("north-admin");
        Assert.Equal([TestWorld.Button, TestWorld.Fall, TestWorld.Smoke], Ids(await north.GetAsync("/api/v1/devices")));

        static IEnumerable<string> Ids(JsonNode page) => page["items"]!.AsArray().Select(item => (string)item!["id"]!);
    }

    [Fact]
    public async Task Every_change_has_an_author_a_reason_and_a_place_in_the_chain()
    {
        await _admin.PostAsync(Devices(TestWorld.Button, "disable"), new { reason = "stolen" });
        await _admin.PostAsync(Devices(TestWorld.Button, "enable"), new { reason = "found" });
        await _admin.PostAsync(Devices(TestWorld.OtherButton, "rotate-secret"), new { reason = "yearly" });

        var entries = (await _admin.GetAsync("/api/v1/registry/timeline"))["items"]!.AsArray();
        Assert.Equal(["secret_rotated", "device_enabled", "device_disabled"], entries.Select(entry => (string)entry!["event"]!));
        Assert.Equal(("admin", "stolen"), ((string)entries[2]!["author"]!["id"]!, (string)entries[2]!["reason"]!));
        Assert.Equal(2, (await _admin.GetAsync($"/api/v1/registry/timeline?subject={TestWorld.Button}"))["items"]!.AsArray().Count);
        await using var north = await _hub.ConsoleAsync("north-admin");
        Assert.Equal(2, (await north.GetAsync("/api/v1/registry/timeline"))["items"]!.AsArray().Count);
        Assert.Null((await _admin.GetAsync("/api/v1/registry/timeline/check"))["brokenAt"]);

        // Who changes the file itself has to take the guards off first, and is found all the same.
        await using var file = new SqliteConnection($"Data Source={Path.Combine(_hub.DataDirectory, "registry.db")}");
        await file.OpenAsync();
        await Assert.ThrowsAsync<SqliteException>(() => ExecuteAsync("UPDATE registry_timeline SET Reason = 'lost' WHERE Seq = 1"));
        await Assert.ThrowsAsync<SqliteException>(() => ExecuteAsync("DELETE FROM registry_timeline WHERE Seq = 1"));
        await ExecuteAsync("DROP TRIGGER registry_timeline_no_update; UPDATE registry_timeline SET Reason = 'lost' WHERE Seq = 1");
        Assert.Equal(1, (long)(await _admin.GetAsync("/api/v1/registry/timeline/check"))["brokenAt"]!);

        async Task ExecuteAsync(string sql)
        {
            await using var command = file.CreateCommand();
            command.CommandText = sql;
            await command.ExecuteNonQueryAsync();
        }
    }
}
