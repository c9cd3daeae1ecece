using System.Text;
using CareHub.Server.Commands;

// Redirected output is UTF-8 too: names are Chinese.
Console.OutputEncoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);
return await CommandLine.RunAsync(args);
