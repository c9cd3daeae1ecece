using System.Security.Cryptography;

namespace CareHub.Storage;

/// <summary>The one folder that holds everything a hub keeps. Back it up and you have backed up the hub.</summary>
internal sealed class DataDirectory
{
    private DataDirectory(string root) => Root = root;

    public string Root { get; }

    /// <summary>People, places, devices, users.</summary>
    public string RegistryFile => Path.Combine(Root, "registry.db");

    /// <summary>Signals, alarms, timeline, quarantine: a file of its own, so that its commits wait for nobody.</summary>
    public string AlarmsFile => Path.Combine(Root, "alarms.db");

    /// <summary>MQTT sessions with what waits for them, and retained messages.</summary>
    public string BrokerFile => Path.Combine(Root, "broker.db");

    /// <summary>Where the demo leaves the simulator's credentials.</summary>
    public string DemoDevicesFile => Path.Combine(Root, "demo", "devices.csv");

    /// <summary>Keys that sign the consoles' cookies.</summary>
    public string CookieKeysFolder => Path.Combine(Root, "keys", "cookies");

    private string DeviceKeyFile => Path.Combine(Root, "keys", "device-secrets.key");

    /// <summary>Opens the folder, creating it readable for its owner only.</summary>
    public static DataDirectory Open(string path)
    {
        var root = Path.GetFullPath(path);
        CreatePrivate(root);
        CreatePrivate(Path.Combine(root, "keys"));
        return new DataDirectory(root);
    }

    /// <summary>The key under which device secrets are hashed; made at first use. Losing it means re-issuing every secret.</summary>
    public byte[] DeviceSecretKey()
    {
        if (!File.Exists(DeviceKeyFile))
        {
            var fresh = Path.Combine(Root, "keys", $".{Guid.NewGuid():N}");
            WritePrivate(fresh, RandomNumberGenerator.GetBytes(32));
            try
            {
                File.Move(fresh, DeviceKeyFile, overwrite: false);
            }
            catch (IOException) when (File.Exists(DeviceKeyFile))
            {
                // Another process of this hub was quicker; its key is the key.
                File.Delete(fresh);
            }
        }

        return File.ReadAllBytes(DeviceKeyFile);
    }

    /// <summary>Writes a file that only its owner may read.</summary>
    public static void WritePrivate(string path, ReadOnlySpan<byte> content)
    {
        CreatePrivate(Path.GetDirectoryName(path)!);
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using var stream = new FileStream(path, options);
        stream.Write(content);
        stream.Flush(flushToDisk: true);
    }

    private static void CreatePrivate(string folder)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(folder);
        }
        else
        {
            Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }
}
