using System.Text;
using CareHub.Core.Alarms;
using CareHub.Storage.Registry;
using Microsoft.Data.Sqlite;

namespace CareHub.Storage.Tests.Registry;

public sealed class RegistryTests : IDisposable
{
    private readonly DataDirectory _data = DataDirectory.Open(Path.Combine(Path.GetTempPath(), $"carehub-registry-{Guid.NewGuid():N}"));

    public void Dispose()
    {
        SqliteConnection.ClearAllPools();
        Directory.Delete(_data.Root, recursive: true);
    }

    private static readonly ChangeNote Note = new(Author.Hub, DateTimeOffset.UnixEpoch, "test");

    private ImportReport Import(string csv) => DeviceImport.Run(RegistryStore.Open(_data), new DeviceSecrets(_data.DeviceSecretKey()), new StringReader(csv), Note);

    [Fact]
    public void An_import_again_updates_and_the_snapshot_shows_it()
    {
        Assert.Equal((1, 0), Counts(Import("device_id,kind,site_id,secret\nd1,smoke_detector,s1,0123456789")));
        Assert.Equal((1, 1), Counts(Import("secret,site_id,kind,device_id\n0123456789,s1,smoke_detector,d2\nabcdefghij,s2,heat_detector,d1\n")));

        var snapshot = RegistryStore.Open(_data).Load();
        Assert.Equal(("heat_detector", "s2"), (snapshot.Devices["d1"].Facts.Kind, snapshot.Devices["d1"].Site.Id));
        Assert.Equal([RegistryStore.RootRegionId, RegistryStore.UnassignedRegionId], snapshot.Sites["s2"].Region.Path.AsEnumerable());
        var secrets = new DeviceSecrets(_data.DeviceSecretKey());
        Assert.True(secrets.Verify(Encoding.UTF8.GetBytes("abcdefghij"), snapshot.Devices["d1"].SecretHash));
        Assert.False(secrets.Verify(Encoding.UTF8.GetBytes("0123456789"), snapshot.Devices["d1"].SecretHash));

        static (int, int) Counts(ImportReport report) => (report.Added, report.Updated);
    }

    [Theory]
    [InlineData("", "the file is empty")]
    [InlineData("device_id,kind\nd,k\n", "column 'site_id', 'secret' is missing")]
    [InlineData("device_id,kind,site_id,secret\nd/1,smoke_detector,s,0123456789\n", "line 2: device_id 'd/1'")]
    [InlineData("device_id,kind,site_id,secret\nd1,,s,0123456789\n", "line 2: kind ''")]
    [InlineData("device_id,kind,site_id,secret\nd1\n", "line 2: kind ''")]
    [InlineData("device_id,kind,site_id,secret\nd1,smoke_detector,s\u0001,0123456789\n", "line 2: site_id")]
    public void What_is_wrong_with_a_file_is_named(string csv, string problem)
    {
        var report = Import(csv);
        Assert.Equal(0, report.Added);
        Assert.Contains(problem, Assert.Single(report.Problems), StringComparison.Ordinal);
    }

    [Fact]
    public void A_change_by_another_connection_is_noticed_once()
    {
        var store = RegistryStore.Open(_data);
        using var watch = new RegistryWatch(store);
        Assert.False(watch.HasChanged());

        Import("device_id,kind,site_id,secret\nd1,smoke_detector,s1,0123456789");

        Assert.True(watch.HasChanged());
        Assert.False(watch.HasChanged());
    }

    [Fact]
    public void Secrets_are_random_and_their_key_and_files_are_private()
    {
        Assert.NotEqual(DeviceSecrets.Generate(), DeviceSecrets.Generate());
        Assert.Equal(43, DeviceSecrets.Generate().Length);
        Assert.Equal(_data.DeviceSecretKey(), _data.DeviceSecretKey());
        if (!OperatingSystem.IsWindows())
        {
            var key = Assert.Single(Directory.GetFiles(Path.Combine(_data.Root, "keys")));
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(key));
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(_data.Root));
        }
    }

    [Fact]
    public void Presence_survives_in_a_file_of_its_own()
    {
        using (var store = new PresenceStore(_data))
        {
            store.Save([("d1", 1), ("d2", 2)]);
            store.Save([("d1", 3)]);
        }

        using var again = new PresenceStore(_data);
        Assert.Equal([("d1", 3L), ("d2", 2L)], again.Load().OrderBy(row => row.DeviceId));
    }
}
