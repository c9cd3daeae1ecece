using CareHub.Simulator;
using CareHub.Simulator.Devices;
using CareHub.Simulator.Fleet;
using CareHub.Simulator.Report;
using CareHub.Simulator.Wire;
using Spectre.Console;

var command = CommandLine.Create(RunAsync).Parse(args);
// The end waits for acknowledgements and writes the summary before the process goes.
var exitCode = await command.InvokeAsync(new() { ProcessTerminationTimeout = FleetLimits.Default.DrainMax + TimeSpan.FromSeconds(15) });
// 1 says that something was not acknowledged, so what cannot even be read needs a code of its own.
return command.Errors.Count > 0 ? 2 : exitCode;

static async Task<int> RunAsync(SimulatorOptions options, CancellationToken stop)
{
    IReadOnlyList<DeviceIdentity> devices;
    try
    {
        devices = Devices(options);
    }
    catch (Exception error) when (error is InvalidDataException or IOException or UnauthorizedAccessException)
    {
        await Console.Error.WriteLineAsync(error.Message);
        return 2;
    }

    var fleet = new DeviceFleet(devices, options.Scenario, new FleetOptions(options.Seed, options.Speed, options.RunId), new MqttDeviceLinks(options.Host, options.Port), TimeProvider.System);
    var facts = new RunFacts(options.Scenario.Name, options.Speed, options.Seed, $"{options.Host}:{options.Port}", devices.Count);
    TimeSpan elapsed;
    using (IRunView view = options.Plain ? new PlainView(Console.Out, devices.Count) : new LiveView(AnsiConsole.Console, facts))
        elapsed = await new SimulatorRun(fleet, FleetLimits.Default, TimeProvider.System, view).RunAsync(options.Duration, stop);

    foreach (var line in RunReport.Summary(fleet.Ledger, devices.Count, elapsed))
        Console.WriteLine(line);
    return RunReport.AllAcknowledged(fleet.Ledger) ? 0 : 1;
}

static IReadOnlyList<DeviceIdentity> Devices(SimulatorOptions options)
{
    if (options.Credentials is not { } file)
        return DeviceList.MadeUp(options.Devices ?? SimulatorOptions.DevicesWithoutList);
    using var text = file.OpenText();
    var all = DeviceList.Read(text);
    if (options.Devices > all.Count)
        Console.WriteLine($"{file.Name} lists {all.Count} devices; that is all there are of the {options.Devices} asked for.");
    return [.. all.Take(options.Devices ?? all.Count)];
}
